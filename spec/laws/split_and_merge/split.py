"""Laws of `split`: what comes back from merge, and what the states look like."""

from __future__ import annotations

from typing import Any

import jax

from ...apart import apart
from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...classes import module_class
from ...filtering import groups, live_filter
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import follow, leaves, observe, walk
from ...observation.nodes import is_variable
from ...terms import SPLIT_AND_MERGE
from .helpers import empty_branches


@law("split.round-trip", term=SPLIT_AND_MERGE, uses=("split", "merge"))
def round_trip(nnx: Any, make: Any, filters: Any) -> Claims:
    """merge(*split(m, *filters)) is isomorphic to m, for exhaustive filters, and is a new graph node."""
    m = make()
    merged = nnx.merge(*nnx.split(m, *filters))
    yield Eq(merged, make())
    yield Eq(merged is m, False, "a new node")


@law("split.container-fidelity", term=SPLIT_AND_MERGE, uses=("sharing", "split", "merge", "annotations"))
def container_fidelity(nnx: Any, make: Any) -> Claims:
    """Plain containers and registered pytrees held as data come back from merge with their type, and an OrderedDict
    with its order; a container has no identity (held twice, it comes back as two), but the Variables inside it stay
    shared; the key order of a plain dict is not significant.

    NNX treats them as jax does: as structure without identity (documentation page "NNX basics").
    """

    Holder = module_class(nnx, "Holder")

    def build(order: int) -> Any:
        holder = Holder()
        holder.m = make()
        holder.plain = nnx.data({"ba"[order]: nnx.Param(order), "ab"[order]: nnx.Param(1 - order)})
        found = [v for v in walk(nnx, holder) if v.kind == "container" and v.value is not None]
        holder.twice = nnx.data(found[0].value)
        return holder, found[0].path

    holder, path = build(0)
    graphdef, state = nnx.split(holder)
    merged = nnx.merge(graphdef, state)
    yield Eq(merged, build(0)[0], "types, order and sharing")
    yield Eq(merged.twice is follow(merged, path), False, "a container held twice comes back as two")
    yield Eq(nnx.split(build(1)[0])[0] == graphdef, True, "a plain dict filled in another order has the same graphdef")


@law("split.list-like-with-names", term=SPLIT_AND_MERGE, uses=("split", "merge", "List"))
def list_like_with_names(nnx: Any, make: Any) -> Claims:
    """The round-trip law holds for list-like nodes that also have named attributes, and jax flattens and unflattens
    their states.
    """
    graphdef, state = nnx.split(make())
    yield Eq(attempt(lambda: nnx.merge(graphdef, state)), Outcome(make()), "round trip")
    again = attempt(lambda: jax.tree.unflatten(*reversed(jax.tree.flatten(state))))
    yield Eq(again, Outcome(state), "the state as a pytree")


@law("split.state-shape", term=SPLIT_AND_MERGE, uses=("split", "State"))
def state_shape(nnx: Any, make: Any) -> Claims:
    """The state is a nested mapping keyed by canonical paths, with int keys in numeric order for list-like nodes; each
    Variable and each raw array appears exactly once, and empty branches do not appear.

    Whether a Python value inside a plain container is a leaf or a static is free, so the inputs have none.
    """
    m = make()
    state = nnx.split(m)[1]
    yield Eq(flat(state), leaves(nnx, m), "leaves by path")
    yield Eq(isinstance(state, nnx.State), True, "a State")
    yield Eq(empty_branches(state), [], "empty branches")
    if nnx.offers("List"):
        many = nnx.List([nnx.Param(number) for number in range(11)])
        state = nnx.split(many)[1]
        yield Eq((flat(state), many), (leaves(nnx, many), many), "more than ten elements")
        yield Eq(nnx.merge(*nnx.split(many)), nnx.List([nnx.Param(n) for n in range(11)]), "merged with more than ten")


@law("split.arity", term=SPLIT_AND_MERGE, uses=("split", "State"))
def arity(nnx: Any, make: Any, filters: Any) -> Claims:
    """split(m) returns two values and split(m, f1, ..., fn) returns 1 + n, with empty States for a Module without
    leaves.
    """

    Empty = module_class(nnx, "Empty")

    wanted = max(1, len(filters))
    yield Eq(len(nnx.split(make(), *filters)), 1 + wanted, "values returned")
    _, *states = nnx.split(Empty(), *filters)
    yield Eq(states, [nnx.State({}) for _ in range(wanted)], "a Module without leaves")


@law("split.shares-variables", term=SPLIT_AND_MERGE, level=SHOULD, uses=("split", "merge", "mutation", "State"))
def shares_variables(nnx: Any, make: Any, value: Any) -> Claims:
    """If the backend declares that states share Variables, the leaves of the state are the Variables of m, and what is
    written on either side is seen on the other, as it is through merge without copy; otherwise the state is a snapshot
    and nothing is seen across.
    """
    m = make()
    graphdef, state = nnx.split(m)
    mine, theirs = leaves(nnx, m), flat(state)
    variables = [path for path, leaf in mine.items() if is_variable(nnx, leaf)]
    if nnx.offers("state.shares-variables"):
        yield Eq(
            [path for path in variables if theirs.get(path) is not mine[path]], [], "Variables that are not m's own"
        )
        merged = leaves(nnx, nnx.merge(graphdef, state))
        yield Eq(
            [path for path in variables if merged.get(path) is not mine[path]], [], "Variables that merge did not reuse"
        )
        for path in variables:
            mine[path].set_value(value)
            yield Eq(theirs[path].get_value(), value, f"written to m at {path}")
    else:
        before = observe(nnx, state)
        for path in variables:
            mine[path].set_value(value)
        yield Eq(state, before, "the state after m was written")
        before = observe(nnx, m)
        for path in variables:
            theirs[path].set_value(value)
        yield Eq(m, before, "m after the state was written")


@law("split.state-crosses-jit", term=SPLIT_AND_MERGE, uses=("split", "State"))
def state_crosses_jit(nnx: Any, make: Any) -> Claims:
    """A state that crosses a jax boundary comes back as a State of new Variables of equal type, metadata and value."""
    state = nnx.split(make())[1]
    before = observe(nnx, state)
    for name, came in (("jit", jax.jit(lambda s: s)(state)), ("tree.map", jax.tree.map(lambda x: x, state))):
        yield Eq(came, before, f"through {name}")
        own = {id(leaf): leaf for leaf in flat(state).values() if is_variable(nnx, leaf)}
        yield Eq([path for path, leaf in flat(came).items() if id(leaf) in own], [], f"Variables not new after {name}")


def root_of(nnx: Any, make: Any, value: Any, pick: int) -> Any:
    """A root by number: a graph, a Variable that holds the value, or the bare value."""
    return (make, lambda: nnx.Param(value), lambda: nnx.BatchStat(value, tag="t"), lambda: value)[pick % 4]()


@law(
    "split.root-leaves",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("root-leaves", "split", "merge", "State", "BatchStat"),
)
def root_leaves(nnx: Any, make: Any, value: Any, pick: int, trees: Any) -> Claims:
    """split accepts a Variable, an array, a Python value or None as root: the root is the state (with filters, it
    stands in the matching slot and the other slots are empty), and merge returns it.

    None has no leaves, so its states are free; merge gives None back.
    """
    root = root_of(nnx, make, value, pick)
    expected = observe(nnx, root)
    graphdef, *states = nnx.split(root, *[live_filter(nnx, tree) for tree in trees])
    if root is not None and pick % 4:
        slots = groups(nnx, trees, {(): root})
        slots = slots[:-1] if trees else slots
        yield Eq(states, [slot.get((), nnx.State({})) for slot in slots], "the slots")
    yield Eq(nnx.merge(graphdef, *states), expected, "merged")


@law(
    "split.state-agrees-on-roots",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("root-leaves", "split", "state", "BatchStat"),
)
def state_agrees_on_roots(nnx: Any, make: Any, value: Any, pick: int, filters: Any) -> Claims:
    """state(x, *filters) and unpack(x, *filters) accept every x that split accepts and give the same groups."""
    root = root_of(nnx, make, value, pick)
    _, *states = nnx.split(root, *filters)
    expected = states[0] if len(states) == 1 else tuple(states)
    yield Eq(attempt(lambda: nnx.state(root, *filters)), Outcome(expected), "state")
    if nnx.offers("unpack"):
        packed = attempt(lambda: nnx.unpack(root, *filters))
        yield Eq(packed.category, None, "unpack accepts what split accepts")
        packs = packed.value if isinstance(packed.value, tuple) else (packed.value,)
        yield Eq([jax.tree.leaves(p) for p in packs], [jax.tree.leaves(s) for s in states], "unpack, leaves by group")
        yield Eq(nnx.merge(*packs), root_of(nnx, make, value, pick), "unpack, merged")


@law("split.stable", term=SPLIT_AND_MERGE, uses=("split", "merge"))
def stable(nnx: Any, make: Any) -> Claims:
    """Splitting merge(*split(m)) gives an equal graphdef and the same paths."""
    graphdef, state = nnx.split(make())
    again, state_again = nnx.split(nnx.merge(graphdef, state))
    yield Eq(again == graphdef, True, "equal graphdefs")
    yield Eq(hash(again) == hash(graphdef), True, "equal hashes")
    yield Eq(list(flat(state_again)), list(flat(state)), "paths")


@law("split.pure", term=SPLIT_AND_MERGE, level=SHOULD, uses=("split", "state", "graphdef"))
def pure(nnx: Any, make: Any, filters: Any) -> Claims:
    """split, state and graphdef do not change m: neither attributes nor metadata nor the counts of random streams."""
    m = make()
    before = observe(nnx, (m, leaves(nnx, m)))
    mine = leaves(nnx, m)
    nnx.split(m)
    nnx.split(m, *filters)
    nnx.state(m, *filters)
    nnx.graphdef(m)
    yield Eq((m, mine), before)


@law("split.key-domain", term=SPLIT_AND_MERGE, level=SHOULD, uses=("split", "merge", "annotations"))
def key_domain(nnx: Any, keys: Any) -> Claims:
    """The keys of one mapping are mutually comparable (floats, tuples and a single None are fine); a dict that mixes
    int and str keys is refused with TypeError or ValueError.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.table = nnx.data({key: nnx.Param(index) for index, key in enumerate(keys)})
        return holder

    if len({type(key) for key in keys}) > 1:
        yield Refused(
            (TypeError, ValueError), lambda: apart(lambda: nnx.split(build())), about="int and str keys in one dict"
        )
    else:
        holder = build()
        yield Eq(nnx.merge(*nnx.split(holder)), build(), "round trip")
        expected = {("table", key): holder.table[key] for key in sorted(keys)} if keys != (None,) else None
        yield Eq(flat(nnx.split(holder)[1]), expected or {("table", None): holder.table[None]}, "leaves by path")


LAWS: tuple[Law, ...] = (
    round_trip,
    container_fidelity,
    list_like_with_names,
    state_shape,
    arity,
    shares_variables,
    state_crosses_jit,
    root_leaves,
    state_agrees_on_roots,
    stable,
    pure,
    key_domain,
)
