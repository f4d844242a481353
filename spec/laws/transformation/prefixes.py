"""Laws of prefixes: which leaf gets which axis, sharding or role, and that all aliases of a Variable agree on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ...apart import apart
from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...filtering import groups, live_filter, normal_form
from ...law import Law, law
from ...observation import leaves, observe, walk
from ...terms import TRANSFORMATION

AXES = (0, 1, None, 2)
"""Axes by number, for arrays of three axes."""


def fill(nnx: Any, root: Any, shape: tuple[int, ...] = (2, 2, 2), dtype: str = "float32") -> list[Any]:
    """Gives every Variable of a graph an array of one shape, with numbers of its own; returns the Variables."""
    size = int(np.prod(shape))
    variables = [visit.value for visit in walk(nnx, root) if visit.kind == "variable" and not visit.again]
    for number, variable in enumerate(variables):
        variable.set_value(jax.numpy.asarray(np.arange(number, number + size).reshape(shape), dtype))
    return variables


def by_lane(value: Any, axis: int | None, lanes: int) -> Any:
    """An array with its lanes in front: the axis moved there, or all of it for each lane."""
    array = np.asarray(value)
    return np.stack([array] * lanes) if axis is None else np.moveaxis(array, axis, 0)


def as_key(filter: Any) -> Any:
    """A filter that can be the key of a dict: tuples in place of lists."""
    return tuple(as_key(one) for one in filter) if isinstance(filter, list | tuple) else filter


def by_filter(nnx: Any, trees: Any, values: Any) -> dict[Any, Any]:
    """A dict from the live filters of neutral trees to values; of equal filters the first counts."""
    found: dict[Any, Any] = {}
    for number, tree in enumerate(trees):
        found.setdefault(as_key(live_filter(nnx, tree)), values[number % len(values)])
    return found


def assigned(nnx: Any, root: Any, trees: Any, values: Any) -> tuple[dict[Any, Any], bool]:
    """The value of the first matching filter for every leaf by canonical path, and whether an alias has another one."""
    found = leaves(nnx, root)
    arrivals = {visit.path: visit.value for visit in walk(nnx, root) if visit.kind == "variable"}
    value_of = {path: values[i] for i, group in enumerate(groups(nnx, trees, found)[:-1]) for path in group}
    at_alias = {path: values[i] for i, group in enumerate(groups(nnx, trees, arrivals)[:-1]) for path in group}
    canonical = {id(leaf): path for path, leaf in found.items()}
    differs = any(at_alias.get(path, "none") != value_of[canonical[id(leaf)]] for path, leaf in arrivals.items())
    return value_of, differs


@law(
    "transform.prefix-objects",
    term=TRANSFORMATION,
    uses=("transform.state-axes", "transform.vmap", "transform.scan", "filters", "mutation"),
    reason="First match and refusal for StateAxes under vmap and scan; hash and equality: transform.prefix-equality.",
)
def prefix_objects(nnx: Any, make: Any, trees: Any, axes: Any, transform: str) -> Claims:
    """In StateAxes the first matching filter decides which axis of a leaf is mapped, and a Variable that no filter
    matches is refused with ValueError.

    A shared Variable is asked for under its canonical path. Where its other paths would give it another axis, a refusal
    for inconsistent aliasing is as good.
    """
    m = make()
    fill(nnx, m)
    before = observe(nnx, m)
    found = leaves(nnx, m)
    values = [AXES[axes[i % len(axes)]] for i in range(len(trees))]

    def run(prefix: dict[Any, Any]) -> Any:
        def body(m: Any, x: Any) -> Any:
            return [leaf.get_value() for leaf in leaves(nnx, m).values()]

        prefixes = (nnx.StateAxes(prefix), 0)
        whole = (m, jax.numpy.arange(2))
        lift = nnx.vmap if transform == "vmap" else nnx.scan
        return [np.asarray(x) for x in apart(lambda: lift(body, in_axes=prefixes, out_axes=0)(*whole))]

    given = by_filter(nnx, trees, values)
    if groups(nnx, trees, found)[-1]:
        yield Refused(ValueError, lambda: run(given), (m,), f"{transform}, no filter matches")
        trees, values, given = (*trees, ("all", ...)), [*values, 1], {**given, ...: 1}
    axis_of, elsewhere = assigned(nnx, m, trees, values)
    expected = [by_lane(leaf.get_value(), axis_of[path], 2) for path, leaf in found.items()]
    if elsewhere:
        yield EqOrRefused(attempt(lambda: run(given)), expected, ValueError, about=f"{transform}, lanes of the leaves")
    else:
        yield Eq(run(given), expected, f"{transform}, lanes of the leaves")
    yield Eq(m, before, "the graph, which was only read")


@law(
    "transform.prefix-equality",
    term=TRANSFORMATION,
    needs=(),
    uses=("transform.state-axes", "transform.state-sharding", "transform.diff-state", "filters"),
    reason="The last clause of transform.prefix-objects, apart since it needs no graph.",
)
def prefix_equality(nnx: Any, trees: Any, axes: Any, edit: int) -> Claims:
    """StateAxes, StateSharding and DiffState are hashable, equal with equal hashes if they are of one kind and made of
    equal filters and values in the same order, and unequal otherwise.

    They are compared where a transform looks up what it has compiled; the order of filters is part of what they mean.
    """
    numbers = [AXES[number] for number in axes]
    partition: Any = jax.sharding.PartitionSpec
    specs = [partition(*"xyz"[:number]) for number in axes]
    wholes: list[Any] = []
    for kind, values in ((nnx.StateAxes, numbers), (nnx.StateSharding, specs)):
        one, two = (kind(by_filter(nnx, trees, values)) for _ in range(2))
        wholes.append(one)
        yield Eq((one == two, hash(one) == hash(two)), (True, True), f"{kind.__name__} made twice")
        items = list(by_filter(nnx, trees, values).items())
        place = edit % len(items)
        fewer = items[:place] + items[place + 1 :]
        if edit % 3 == 0:
            changed = [*items[:place], (items[place][0], "other" if kind is nnx.StateAxes else 5), *items[place + 1 :]]
            about = "another value"
        elif edit % 3 == 1:
            changed, about = fewer, "a filter less"
        else:
            # A catch-all stays last, where it has to be.
            changed, about = [(nnx.PathContains("unused"), 0), *items], "a filter more"
        yield Eq(one == kind(dict(changed)), False, f"{kind.__name__} with {about}")
    first, second = (nnx.PathContains("a"), 0), (nnx.Param, 1)
    turned = [nnx.StateAxes(dict(order)) for order in ((first, second), (second, first))]
    yield Eq(turned[0] == turned[1], False, "the same filters in another order")
    yield Eq(wholes[0] == wholes[1], False, "StateAxes and StateSharding")
    same = [kind(by_filter(nnx, trees, numbers)) for kind in (nnx.StateAxes, nnx.StateSharding)]
    yield Eq((same[0] == same[1], same[1] == same[0]), (False, False), "StateAxes and StateSharding of equal content")
    filters = [as_key(live_filter(nnx, trees[0])) for _ in range(2)]
    left, right = (nnx.DiffState(edit, filter) for filter in filters)
    yield Eq((left == right, hash(left) == hash(right)), (True, True), "DiffState made twice")
    yield Eq(left == nnx.DiffState(edit + 1, filters[0]), False, "DiffState of another argument")
    if len(trees) > 1 and normal_form(trees[0]) != normal_form(trees[1]):
        other = nnx.DiffState(edit, as_key(live_filter(nnx, trees[1])))
        yield Eq(left == other, False, "DiffState with another filter")


def spec(number: int, transform: str) -> Any:
    """A prefix by number: an axis, or for transforms over a mesh a partition; the last stands for the whole."""
    partition: Any = jax.sharding.PartitionSpec
    partitions = (partition("x"), partition(None, "x"), partition())
    if transform == "jit":
        return jax.sharding.NamedSharding(one_device(), partitions[number])
    return partitions[number] if transform == "shard_map" else AXES[number]


def one_device() -> Any:
    """A mesh of one device with the axis x."""
    return jax.make_mesh((1,), ("x",), axis_types=(jax.sharding.AxisType.Auto,), devices=jax.devices()[:1])


def lifted(nnx: Any, transform: str, f: Callable[..., Any], specs: tuple[Any, ...], out: Any) -> Callable[..., Any]:
    """A function under a transform that takes prefixes for its arguments and its output."""
    match transform:
        case "vmap":
            return nnx.vmap(f, in_axes=specs, out_axes=out)  # type: ignore[no-any-return]  # of the backend
        case "pmap":
            return nnx.pmap(f, in_axes=specs, out_axes=out)  # type: ignore[no-any-return]  # of the backend
        case "scan":
            return nnx.scan(f, in_axes=specs, out_axes=out)  # type: ignore[no-any-return]  # of the backend
        case "shard_map":
            return nnx.shard_map(f, mesh=one_device(), in_specs=specs, out_specs=out)  # type: ignore[no-any-return]
        case _:
            return nnx.jit(f, in_shardings=specs, out_shardings=out)  # type: ignore[no-any-return]  # of the backend


ALIASED = ("vmap", "pmap", "scan", "shard_map", "jit")
"""The transforms that take prefixes for arguments and output."""


@law(
    "transform.consistent-aliasing",
    term=TRANSFORMATION,
    uses=(
        "sharing",
        "annotations",
        "transform.vmap",
        "transform.pmap",
        "transform.scan",
        "transform.shard-map",
        "transform.jit",
        "transform.state-axes",
        "transform.state-sharding",
        "mutation",
    ),
)
def consistent_aliasing(
    nnx: Any, make: Any, pick: int, transform: str, prefixes: tuple[int, int], how: str, wrapped: bool
) -> Claims:
    """All aliases of a Variable among inputs, and between inputs and outputs, have equal prefixes, otherwise vmap,
    pmap, scan, shard_map and jit with shardings refuse the call with ValueError.

    With equal prefixes the Variable is one inside, and a Variable that is returned is the identical object outside.
    """

    Holder = module_class(nnx, "Holder")

    m = Holder()
    m.m = make()
    m.v = nnx.Param(0)
    lanes = 1 if transform == "pmap" else 2
    variables = fill(nnx, m, (lanes, lanes, lanes))
    variable = variables[pick % len(variables)]
    path = next(path for path, leaf in leaves(nnx, m).items() if leaf is variable)
    other: Any = variable
    if how == "node":
        other = Holder()
        other.again = variable
    elif how == "container":
        other = [variable]
    numbers = prefixes if how != "output" or transform != "scan" else tuple(n if n < 2 else 0 for n in prefixes)
    one, two = (spec(number, transform) for number in numbers)
    axes = nnx.StateSharding if transform == "jit" else nnx.StateAxes
    wrap = wrapped and transform != "shard_map"
    output = how == "output"

    def body(m: Any, second: Any, x: Any) -> Any:
        mine = leaves(nnx, m)[path]
        second = leaves(nnx, second)[()] if how == "variable" else next(iter(leaves(nnx, second).values()))
        return mine if output else jax.numpy.asarray(mine is second)

    def run(one: Any, two: Any) -> Any:
        # With another prefix for the rest: of two filters that match it is the first that counts.
        others = spec((numbers[0] + 1) % 3, transform)
        first = axes({type(variable): one, ...: others}) if wrap else one
        rest = spec(0, transform)
        specs = (first, rest, rest) if output else (first, two, rest)
        whole = spec(2, transform) if transform != "scan" else 0
        f = lifted(nnx, transform, body, specs, two if output else whole)
        return apart(lambda: f(m, jax.numpy.zeros(lanes) if output else other, jax.numpy.zeros(lanes)))

    kind = f"{transform}, {how}"
    if numbers[0] != numbers[1]:
        yield Refused(ValueError, lambda: run(one, two), (m, other), f"{kind} under another prefix")
    before = observe(nnx, m)
    came = run(one, one)
    if output:
        yield Eq(came is variable, True, f"{kind} under the same prefix: the identical object")
    else:
        yield Eq(bool(np.all(np.asarray(came))), True, f"{kind} under the same prefix: one object inside")
    yield Eq(m, before, f"{kind} under the same prefix: the graph, which was only read")


@law(
    "transform.consistent-argnums",
    term=TRANSFORMATION,
    uses=("sharing", "annotations", "transform.grad", "mutation"),
    reason="The clause of transform.consistent-aliasing on the argnums of grad, apart since its prefixes are argnums.",
)
def consistent_argnums(nnx: Any, make: Any, pick: int, argnums: tuple[int, ...], how: str, states: bool) -> Claims:
    """A Param that is in an argument that is differentiated and in another one that is not is refused by grad with
    ValueError; in two arguments that are both differentiated, or both not, it is accepted.
    """

    Holder = module_class(nnx, "Holder")

    m = Holder()
    m.m = make()
    m.v = nnx.Param(0)
    params = [variable for variable in fill(nnx, m) if isinstance(variable, nnx.Param)]
    param = params[pick % len(params)]
    other: Any = param
    if how == "node":
        other = Holder()
        other.again = param
    elif how == "container":
        other = [param]

    def loss(m: Any, other: Any, x: Any) -> Any:
        return sum(leaf.get_value().sum() for leaf in leaves(nnx, m).values()) + x.sum()

    def run(numbers: tuple[int, ...]) -> Any:
        as_states = states and nnx.offers("transform.diff-state")
        wanted = tuple(nnx.DiffState(n, nnx.Param) if as_states and n == 0 else n for n in numbers)
        return apart(lambda: nnx.grad(loss, argnums=(*wanted, 2))(m, other, jax.numpy.ones(2)))

    before = observe(nnx, m)
    if len(argnums) == 1:
        yield Refused(ValueError, lambda: run(argnums), (m, other), f"differentiated in argument {argnums[0]} only")
    for numbers in ((), (0, 1)):
        yield Eq(run(numbers)[-1], jax.numpy.ones(2), f"differentiated {'both' if numbers else 'not at all'}")
    yield Eq(m, before, "the graph, which was only read")


@law(
    "transform.wrong-prefixes",
    term=TRANSFORMATION,
    uses=(
        "transform.vmap",
        "transform.pmap",
        "transform.scan",
        "transform.shard-map",
        "transform.jit",
        "mutation.any-value",
    ),
)
def wrong_prefixes(nnx: Any, make: Any, transform: str, wrong: str, output: bool) -> Claims:
    """A prefix of another structure than what it is for, or one made of Modules or Variables, is refused with
    ValueError or TypeError, and the next call works.
    """

    Holder = module_class(nnx, "Holder")

    m = Holder()
    m.m = make()
    m.v = nnx.Param(0)
    lanes = 1 if transform == "pmap" else 2
    fill(nnx, m, (lanes, lanes, lanes))
    good = spec(0, transform)

    def body(m: Any, xs: Any) -> Any:
        return [x * 2 for x in xs]

    def run(node: Any, xs: Any, out: Any) -> Any:
        arrays = [jax.numpy.zeros(lanes), jax.numpy.ones(lanes)]
        return apart(lambda: lifted(nnx, transform, body, (node, xs), out)(m, arrays))

    bad = {
        "too few": [good],
        "too many": [good, good, good],
        "tuple for a list": (good, good),
        "dict for a list": {"a": good},
        "a module": Holder(),
        "a variable": nnx.Param(0),
        "a container for a module": [good],
    }[wrong]
    both = (ValueError, TypeError)
    if wrong == "a container for a module":
        yield Refused(both, lambda: run(bad, good, good), (m,), f"{transform}, {wrong}")
    elif output:
        yield Refused(both, lambda: run(good, good, bad), (m,), f"{transform}, {wrong} for the output")
    else:
        yield Refused(both, lambda: run(good, bad, good), (m,), f"{transform}, {wrong} for an argument")
    came = run(good, [good, good], [good, good])
    yield Eq([np.asarray(x) for x in came], [np.full(lanes, n, "float32") for n in (0, 2)], "the next call")


LAWS: tuple[Law, ...] = (prefix_objects, prefix_equality, consistent_aliasing, consistent_argnums, wrong_prefixes)
