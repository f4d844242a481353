"""`split` and `merge`: a graph is a GraphDef and a State, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any, Generic, TypeVar

import jax

from .clone import copy_leaf
from .filters import Filter, check_exhaustive, filters_to_predicates, group_leaves
from .flatten import Flat, collect_leaves, flatten, scan
from .graphdef import LEAF, Def, GraphDef, NodeDef, StaticDef, VariableDef
from .paths import Path
from .recipe import Lookup, Recipe
from .state import State, nest
from .statics import find_array

A = TypeVar("A")


def split(node: Any, /, *filters: Filter) -> tuple[Any, ...]:
    """Split a graph into a GraphDef and one State for each filter (one State in all without filters).

    The leaves of the States are the Variables of `node` themselves. A root that is no node is its own state.

    Raises:
        ValueError: a leaf matches no filter; a filter follows a catch-all; a static value holds an array.
        TypeError: something is no filter.
    """
    groups, flat = _groups(node, filters, exhaustive=True)
    return (make_graphdef(flat), *groups)


def state(node: Any, /, *filters: Filter) -> Any:
    """The State of a graph; with filters the matching part, and with several a tuple of States."""
    groups, _ = _groups(node, filters, exhaustive=False)
    return groups[0] if len(groups) == 1 else tuple(groups)


def graphdef(node: A, /) -> GraphDef[A]:
    """The GraphDef of a graph."""
    return make_graphdef(flatten(node))


def merge(graphdef: GraphDef[A] | GraphState[A], /, *states: Any, copy: bool = False) -> A:
    """Build a new graph from a GraphDef and the States that `split` gave, in any order.

    Args:
        graphdef: the structure, or a GraphState in place of structure and state.
        *states: States or nested dicts, whose leaves together are those of the graph; or one list of leaves in
            canonical order. A Variable is installed as it is; from a plain value, a Variable of the recorded type and
            metadata is made.
        copy: put copies of the Variables into the graph.

    Raises:
        ValueError: a leaf is missing, given twice, or at a path that the graph does not have.
        TypeError: no GraphDef, or no state.
    """
    if isinstance(graphdef, GraphState):
        states = (graphdef, *states)
        graphdef = graphdef._graphdef
    if not isinstance(graphdef, GraphDef):
        raise TypeError(f"merge takes a GraphDef first, got {type(graphdef).__name__}")
    if not states:
        raise TypeError("merge takes at least one state after the GraphDef")
    leaves = _leaves(graphdef, [_unpacked(graphdef, s) for s in states])
    if copy:
        leaves = list(map(copy_leaf, leaves))
    graphdef.recipe = graphdef.recipe or Recipe(graphdef.defs)
    merged: A = graphdef.recipe.build(leaves)
    return merged


def unpack(node: A, /, *filters: Filter) -> Any:
    """Like `state`, but each State carries the GraphDef with it, so that `merge` needs nothing else."""
    structure, *states = split(node, *filters)
    unpacked = [GraphState(structure, s) for s in states]
    return unpacked[0] if len(unpacked) == 1 else tuple(unpacked)


class GraphState(MutableMapping[Any, Any], Generic[A]):
    """A State together with the GraphDef of the graph that it came from. It behaves like the State."""

    __slots__ = ("_graphdef", "_state")

    _graphdef: GraphDef[A]
    _state: Any

    def __init__(self, graphdef: GraphDef[A], state: Any) -> None:
        object.__setattr__(self, "_graphdef", graphdef)
        object.__setattr__(self, "_state", state)

    def __getitem__(self, key: Any) -> Any:
        return self._state[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._state[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def __getattr__(self, name: str) -> Any:
        if name in GraphState.__slots__:
            raise AttributeError(name)
        return getattr(self._state, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._state, name, value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GraphState):
            return NotImplemented
        return self._graphdef == other._graphdef and bool(self._state == other._state)

    __hash__ = None  # type: ignore[assignment]  # the data model spells "unhashable" this way

    def __reduce__(self) -> tuple[Any, ...]:
        return GraphState, (self._graphdef, self._state)

    def __repr__(self) -> str:
        return f"GraphState({self._graphdef!r}, {self._state!r})"


jax.tree_util.register_pytree_node(
    GraphState, lambda gs: ((gs._state,), gs._graphdef), lambda graphdef, states: GraphState(graphdef, states[0])
)


# ---- taking apart --------------------------------------------------------------------------------------------------


def _groups(node: Any, filters: Sequence[Filter], *, exhaustive: bool) -> tuple[list[Any], Flat]:
    """The leaves of a graph, one State for each filter, and what `flatten` gave."""
    predicates = filters_to_predicates(filters) if filters else ()
    flat = flatten(node, with_paths=bool(filters))
    is_root_leaf = not isinstance(flat.defs[0], NodeDef)
    if not filters:
        return [flat.nested if is_root_leaf else State.view(flat.nested)], flat
    *groups, rest = group_leaves(zip(flat.paths, flat.leaves, strict=True), predicates)
    if exhaustive:
        check_exhaustive(rest)
    if is_root_leaf:
        return [group[0][1] if group else State() for group in groups], flat
    return [nest(group) for group in groups], flat


def make_graphdef(flat: Flat) -> GraphDef[Any]:
    """The GraphDef of a graph that was taken apart, after checking that no array can be reached from its statics.

    Raises:
        ValueError: one can.
    """
    for i in flat.statics:
        d: Any = flat.defs[i]
        held = find_array(d.value if type(d) is StaticDef else d.aux)
        if held is not None:
            what = type(d.value) if type(d) is StaticDef else d.type
            raise ValueError(
                f"the static value of type {what.__name__} at {path_of(flat.defs, i)!r} holds an array of type"
                f" {type(held).__name__}; a GraphDef must not: make it data, or keep the array in an attribute of"
                " its own"
            )
    return GraphDef(flat.defs)


def path_of(defs: Sequence[Def], index: int) -> Path:
    """The path of the definition number `index`."""
    path: list[Any] = []
    count = -1
    for d, key in scan(defs):
        if d is None:
            path.pop()
            continue
        count += 1
        if count == index:
            return (*path[1:], key) if path else ()
        if isinstance(d, NodeDef):
            path.append(key)
    raise IndexError(index)


# ---- putting together ----------------------------------------------------------------------------------------------


def _unpacked(graphdef: GraphDef[Any], given: Any) -> Any:
    if not isinstance(given, GraphState):
        return given
    if given._graphdef != graphdef:
        raise ValueError("cannot merge: a GraphState comes from a graph of another structure")
    return given._state


def _leaves(graphdef: GraphDef[Any], states: list[Any]) -> list[Any]:
    root = graphdef.defs[0]
    if root is LEAF or isinstance(root, VariableDef):
        given = [s for s in states if not (isinstance(s, State) and not s)]
        if len(given) == 1 and isinstance(given[0], list) and len(given[0]) == graphdef.num_leaves:
            given = given[0]
        if len(given) != 1:
            raise ValueError(f"cannot merge: the root is one leaf, {len(given)} are given")
        return given
    lists = [s for s in states if isinstance(s, list)]
    if not lists:
        graphdef.lookup = graphdef.lookup or Lookup(graphdef.defs)
        found = graphdef.lookup.find(states[0]) if len(states) == 1 else None
        return collect_leaves(graphdef.defs, states) if found is None else list(found)
    if len(states) > 1:
        raise ValueError("cannot merge: a list of leaves must be the only state")
    if len(lists[0]) != graphdef.num_leaves:
        raise ValueError(f"cannot merge: the GraphDef has {graphdef.num_leaves} leaves, {len(lists[0])} are given")
    return list(lists[0])
