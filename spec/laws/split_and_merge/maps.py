"""Laws of the maps: `map`, `map_state`, `recursive_map`, `as_pure`."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import follow, leaves, observe, walk
from ...observation.nodes import is_variable
from ...terms import SPLIT_AND_MERGE
from .helpers import put
from .iteration import hidden, names_by_path, post_order


@law("map.once-per-leaf", term=SPLIT_AND_MERGE, level=SHOULD, uses=("map", "map_state", "state", "mutation"))
def once_per_leaf(nnx: Any, make: Any, value: Any) -> Claims:
    """map(f, m) gives a new node, calls f(path, leaf) once per leaf, keeps shared leaves shared and the original
    unchanged; the identity gives an isomorphic graph; it works on a single Variable, and map_state keeps the key set.

    Whether a Python value inside a plain container is a leaf is free, so the inputs have none.
    """
    m = make()
    before = observe(nnx, m)
    calls: list[tuple[Any, Any]] = []

    def record(path: Any, leaf: Any) -> Any:
        calls.append((path, leaf))
        return leaf

    def fill(path: Any, leaf: Any) -> Any:
        return leaf.replace(value) if is_variable(nnx, leaf) else leaf

    same = nnx.map(record, m)
    yield Eq(same, before, "the identity")
    yield Eq(same is m, False, "a new node")
    yield Eq(len(calls), len(leaves(nnx, m)), "number of calls")
    yield Eq(dict(calls), leaves(nnx, m), "leaves that f was given")
    expected = make()
    for leaf in leaves(nnx, expected).values():
        if is_variable(nnx, leaf):
            leaf.set_value(value)
    yield Eq(nnx.map(fill, m), expected, "every Variable replaced")
    yield Eq(m, before, "the original")
    state = nnx.state(m)
    for new in (0, None):
        mapped = flat(nnx.map_state(lambda path, leaf: new, state))  # noqa: B023  # called at once
        yield Eq(mapped, dict.fromkeys(flat(state), new), f"after map_state to {new}")
    alone = nnx.Param(1, tag="t")
    yield Eq(nnx.map(fill, alone), nnx.Param(value, tag="t"), "a single Variable")
    yield Eq(alone, nnx.Param(1, tag="t"), "a single Variable, the original")


@law("map.recursive", term=SPLIT_AND_MERGE, level=SHOULD, uses=("cycles", "recursive_map", "annotations", "metadata"))
def recursive(nnx: Any, make: Any, value: Any, tail: int) -> Claims:
    """recursive_map visits every node, leaf and static bottom-up, shared objects once, and gives a new graph with what
    f returned in every place, while the original stays as it is; it refuses cycles with ValueError, and either rebuilds
    an immutable container or refuses to replace its element with ValueError.

    How often a plain container that is held twice is visited is free, as is what is told of a static that is a
    container.
    """

    Holder = module_class(nnx, "Holder")

    m = make()
    calls: list[tuple[Any, Any]] = []

    def record(path: Any, value: Any) -> Any:
        calls.append((path, value))
        return value

    expected = post_order(nnx, m)
    names = names_by_path(nnx, m)
    yield Eq(nnx.recursive_map(record, m), make(), "the identity")
    came = [(path, type(value)) for path, value in calls if not hidden(names, path)]
    yield Eq(came, [(visit.path, type(visit.value)) for visit in expected], "paths and types in the order of the calls")
    yield Eq(m, make(), "the original")
    bare = make()
    places = [visit.path for visit in walk(nnx, bare) if visit.kind == "variable"]
    outcome = attempt(lambda: nnx.recursive_map(lambda path, x: value if is_variable(nnx, x) else x, m))
    if not any(isinstance(follow(bare, path[:-1]), tuple) for path in places):
        for path in places:
            put(bare, path, value)
        yield EqOrRefused(outcome, bare, ValueError, about="an array for every Variable")
    yield Eq(m, make(), "the original, after an array for every Variable")
    outcome = attempt(
        lambda: nnx.recursive_map(lambda path, x: nnx.Cache(value, by="f") if is_variable(nnx, x) else x, m)
    )
    yield Eq(m, make(), "the original, after another Variable for every Variable")
    other = make()
    found = [(visit.path, visit.value) for visit in walk(nnx, other) if visit.kind == "variable"]
    if not any(isinstance(follow(other, path[:-1]), tuple) for path, _ in found):
        new = {id(variable): nnx.Cache(value, by="f") for _, variable in found}
        for path, variable in found:
            put(other, path, new[id(variable)])
        yield EqOrRefused(outcome, other, ValueError, about="another Variable for every Variable")

    def build(items: Any) -> Any:
        holder = Holder()
        holder.t = nnx.data(items)
        return holder

    pair = build((nnx.Param(0), nnx.BatchStat(1)))
    outcome = attempt(
        lambda: nnx.recursive_map(lambda p, x: nnx.Cache(value) if isinstance(x, nnx.BatchStat) else x, pair)
    )
    yield EqOrRefused(
        outcome, build((nnx.Param(0), nnx.Cache(value))), ValueError, about="an element of a tuple replaced"
    )
    ring = Holder()
    last = ring
    for _ in range(tail):
        last.next = Holder()
        last = last.next
    last.back = ring
    yield Refused(ValueError, lambda: nnx.recursive_map(lambda p, x: x, ring), unchanged=(ring,), about="a cycle")


@law("map.as-pure", term=SPLIT_AND_MERGE, level=SHOULD, uses=("as_pure", "state", "annotations"))
def as_pure(nnx: Any, make: Any, tree: Any) -> Claims:
    """as_pure replaces Variables by their raw values and is idempotent: on Variables, States and Modules, and on plain
    containers of them.

    Its source is a pytree, so the Modules have neither sharing nor cycles.
    """
    m = make()
    state = nnx.state(m)
    pure = nnx.as_pure(state)
    raw = {path: leaf.get_raw_value() if is_variable(nnx, leaf) else leaf for path, leaf in leaves(nnx, m).items()}
    yield Eq(flat(pure), raw, "a State")
    yield Eq(nnx.as_pure(pure), pure, "a State, once more")
    expected = tree()
    for path, leaf in leaves(nnx, expected).items():
        if is_variable(nnx, leaf):
            put(expected, path, nnx.data(leaf.get_raw_value()))
    pure = nnx.as_pure(tree())
    yield Eq(pure, expected, "a Module")
    yield Eq(nnx.as_pure(pure), expected, "a Module, once more")
    variables = [leaf for leaf in leaves(nnx, m).values() if is_variable(nnx, leaf)]
    for leaf in variables:
        yield Eq(nnx.as_pure(leaf), leaf.get_raw_value(), "a Variable")
    held = {"some": variables, "pair": (nnx.state(m), tree()), "plain": 1}
    wanted = {"some": [leaf.get_raw_value() for leaf in variables], "pair": (nnx.as_pure(state), expected), "plain": 1}
    yield Eq(nnx.as_pure(held), wanted, "containers of them")
    yield Eq(m, make(), "the Module that the States come from")
    nested = nnx.Variable({"a": nnx.Param(1), "b": 2})
    yield Eq(nnx.as_pure(nested), {"a": 1, "b": 2}, "a Variable that holds a Variable")
    called: list[Any] = []
    if nnx.offers("hooks"):
        hooked = nnx.State({"a": nnx.Param(1, on_get_value=lambda variable, x: called.append(x))})
        yield Eq(flat(nnx.as_pure(hooked)), {("a",): 1}, "a Variable with a get hook")
        yield Eq(called, [], "get hooks that ran")


LAWS: tuple[Law, ...] = (once_per_leaf, recursive, as_pure)
