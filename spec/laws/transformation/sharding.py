"""Laws of shardings: jit places leaves as it is told, and what copies references or bits leaves them where they are."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...blocks import (
    SIDE,
    chosen_trees,
    layout_at,
    layout_on,
    live_filters,
    misplaced,
    placed,
    sharding_of,
    widened,
)
from ...claims import Claims, Eq
from ...devices import mesh as mesh_of
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION


def write_some(nnx: Any, m: Any, x: Any, picks: Any) -> Any:
    """Writes to the Variables that a pick chooses, and gives two outputs."""
    chosen = [v for v in leaves(nnx, m).values() if is_variable(nnx, v) and v.get_value() is not None]
    for number, v in enumerate(chosen):
        if picks[number % len(picks)] == 1 and getattr(v.get_value(), "shape", ()) == (SIDE, SIDE):
            v.set_value(v.get_value() + x.astype(v.get_value().dtype))
    return x + 1, nnx.Param(x * 2)


TEXTS = ("1", "20")
"""What static arguments are: the first of them, and the second."""


NAMES = ("first", "second", "third", "fourth")
"""Names of the arguments of a function that has static ones."""


def numbers_of(static: Any) -> tuple[int, ...]:
    """The positions of static arguments, given as numbers or names: None is none, and a number or a name one."""
    each = () if static is None else (static,) if isinstance(static, int | str) else static
    return tuple(NAMES.index(one) if isinstance(one, str) else one for one in each)


def with_static(function: Any, static: Any) -> tuple[Any, dict[str, Any]]:
    """A function of two arguments with static ones more, digits to add, and the option of jit that says so."""
    if static is None:
        return function, {}
    count = 2 + len(numbers_of(static))
    places = [number % count for number in numbers_of(static)]

    def call(*args: Any) -> Any:
        m, x = [given for place, given in enumerate(args) if place not in places]
        return function(m, x + int("".join(args[place] for place in sorted(places))))

    def of_three(first: Any, second: Any, third: Any) -> Any:  # flax reads the signature
        return call(first, second, third)

    def of_four(first: Any, second: Any, third: Any, fourth: Any) -> Any:
        return call(first, second, third, fourth)

    by_name = isinstance(static, str) or (isinstance(static, tuple) and isinstance(static[0], str))
    return of_three if count == 3 else of_four, {"static_argnames" if by_name else "static_argnums": static}


def with_arguments(args: tuple[Any, ...], static: Any, values: tuple[Any, ...] = TEXTS) -> tuple[Any, ...]:
    """The two arguments, with static ones at their positions."""
    given, texts = list(args), iter(values)
    count = len(args) + len(numbers_of(static))
    for place in sorted(number % count for number in numbers_of(static)):
        given.insert(place, next(texts))
    return tuple(given)


def added(static: Any) -> int:
    """What the static arguments add."""
    return int("".join(("0", *TEXTS[: len(numbers_of(static))])))


@law(
    "jit.shardings",
    term=TRANSFORMATION,
    uses=("transform.jit", "transform.state-sharding", "mutation", "BatchStat", "Cache"),
)
def jit_shardings(nnx: Any, make: Any, shape: Any, plan: Any, ends: Any, picks: Any, static: Any) -> Claims:
    """Input and output shardings of jit are shardings or StateSharding: the values are those of the eager call, what is
    written to an argument lies as the first matching filter of its sharding says, and outputs lie as theirs say; so it
    is at the second call, which starts from there.

    Static arguments, one or two, given by numbers or names, may stand anywhere, be listed in any order, and have no
    sharding, as in jax. Where leaves lie that nobody wrote is free.
    """
    mesh = mesh_of(shape)
    trees = chosen_trees(nnx, mesh, plan)
    of_x, of_plain, of_made = (sharding_of(mesh, layout_on(mesh, end)) for end in ends)
    shardings = nnx.StateSharding({each: sharding_of(mesh, found) for each, found in live_filters(nnx, trees)})
    function, options = with_static(lambda m, x: write_some(nnx, m, x, picks), static)
    jitted = nnx.jit(
        function,
        **options,
        in_shardings=(shardings, of_x),
        out_shardings=(of_plain, nnx.StateSharding({...: of_made})),
    )
    m, eager = widened(nnx, make()), widened(nnx, make())
    x = jnp.arange(SIDE * SIDE, dtype="int32").reshape(SIDE, SIDE)
    for call in ("first call", "second call"):
        start = {path: observe(nnx, leaf) for path, leaf in leaves(nnx, m).items()}
        came = jitted(*with_arguments((m, x), static))
        yield Eq((m, *came), (eager, *write_some(nnx, eager, x + added(static), picks)), call)
        written = {path for path, leaf in leaves(nnx, m).items() if observe(nnx, leaf) != start[path]}

        def wanted(path: Any, leaf: Any, written: Any = written) -> Any:
            return sharding_of(mesh, layout_at(nnx, trees, path, leaf)) if path in written else None

        yield Eq(misplaced(nnx, m, wanted), [], f"where written leaves lie, {call}")
        yield Eq(misplaced(nnx, came[0], lambda path, leaf: of_plain), [], f"where the array lies, {call}")
        yield Eq(misplaced(nnx, came[1], lambda path, leaf: of_made), [], f"where the new Variable lies, {call}")


def laid_out(nnx: Any, make: Any, mesh: Any, plan: Any) -> Any:
    """A fresh graph on a mesh, and where each of its leaves lies."""
    trees = chosen_trees(nnx, mesh, plan)

    def wanted(path: Any, leaf: Any) -> Any:
        return sharding_of(mesh, layout_at(nnx, trees, path, leaf))

    return placed(nnx, widened(nnx, make()), wanted), wanted


@law(
    "sharding.split-merge",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("split", "merge", "BatchStat", "Cache", "State"),
)
def split_merge(nnx: Any, make: Any, filters: Any, shape: Any, plan: Any) -> Claims:
    """split and merge keep the sharding of every leaf: in the states, and in what is merged from them."""
    m, wanted = laid_out(nnx, make, mesh_of(shape), plan)
    expected = observe(nnx, m)
    graphdef, *states = nnx.split(m, *filters)
    table = leaves(nnx, m)
    for state in states:
        found = flat(state)
        there = [
            path for path, leaf in found.items() if misplaced(nnx, leaf, lambda p, x, at=path: wanted(at, table[at]))
        ]
        yield Eq(there, [], "leaves that lie elsewhere in a state")
    merged = nnx.merge(graphdef, *states)
    yield Eq(misplaced(nnx, merged, wanted), [], "merged")
    yield Eq(merged, expected, "values")
    yield Eq(misplaced(nnx, m, wanted), [], "the Module itself")


@law(
    "sharding.update",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("update", "split", "state", "BatchStat", "Cache", "State"),
)
def update(nnx: Any, make: Any, shape: Any, plan: Any, other: Any) -> Claims:
    """update puts arrays into the Module with the sharding that they have in the state, whatever the one before."""
    mesh = mesh_of(shape)
    m, before = laid_out(nnx, make, mesh, plan)
    source, wanted = laid_out(nnx, make, mesh, other)
    yield Eq(misplaced(nnx, m, before), [], "before")
    nnx.update(m, nnx.split(source)[1])
    yield Eq(misplaced(nnx, m, wanted), [], "with the state of an equal Module")
    nnx.update(m, nnx.state(m))
    yield Eq(misplaced(nnx, m, wanted), [], "with its own state")
    yield Eq(m, source, "values")


@law(
    "sharding.clone",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("clone", "BatchStat", "Cache"),
)
def clone(nnx: Any, make: Any, shape: Any, plan: Any) -> Claims:
    """A clone has the shardings of the original, which keeps them."""
    m, wanted = laid_out(nnx, make, mesh_of(shape), plan)
    copy = nnx.clone(m)
    yield Eq(misplaced(nnx, copy, wanted), [], "the clone")
    yield Eq(misplaced(nnx, m, wanted), [], "the original")
    yield Eq(copy, m, "values")


LAWS: tuple[Law, ...] = (jit_shardings, split_merge, update, clone)
