"""`pop`: taking leaves out of a graph."""

from __future__ import annotations

from typing import Any

from .filters import Filter, filters_to_predicates, first_match
from .nodes import NodeType, kind_of
from .paths import Path
from .state import nest
from .walk import Event, Place, walk


def pop(node: Any, /, *filters: Filter) -> Any:
    """Remove the leaves that match a filter, and return them as a State for each filter (bare, if there is one).

    A shared Variable is offered to the filters once, under its canonical path, and removed wherever it is. Elements of
    lists are deleted as by `del`, so later elements move up. The paths are those before the removal.

    Raises:
        ValueError: there is no filter; a filter follows a catch-all; `node` is no node; a matching leaf is in an
            immutable container. Nothing is removed then.
        TraceContextError: `node` belongs to another trace.
    """
    if not filters:
        raise ValueError("pop needs a filter: pop(node, Intermediate)")
    predicates = filters_to_predicates(filters)
    kind = kind_of(node)
    if not isinstance(kind, NodeType) or node is None:
        raise ValueError(f"pop takes leaves out of a node, got {type(node).__name__}")
    popped: list[list[tuple[Path, Any]]] = [[] for _ in predicates]
    removed: set[int] = set()  # ids of Variables that are popped
    removals: dict[int, tuple[Any, set[Any]]] = {}  # id of the holder: the holder and the keys to delete
    for event, place in walk(node):
        if event is Event.LEAF:
            path = place.path
            group = first_match(predicates, path, place.value)
            if group == len(predicates):
                continue
            popped[group].append((path, place.value))
            removed.add(id(place.value))
        elif event is not Event.AGAIN or id(place.value) not in removed:
            continue
        assert place.holder is not None
        holder = place.holder.value
        _check_removable(place)
        removals.setdefault(id(holder), (holder, set()))[1].add(place.key)
    for holder, keys in removals.values():
        holder_kind = kind_of(holder)
        assert isinstance(holder_kind, NodeType)
        holder_kind.remove(holder, keys)
    states = [nest(leaves) for leaves in popped]
    return states[0] if len(states) == 1 else tuple(states)


def _check_removable(place: Place) -> None:
    assert place.holder is not None
    holder, owner = place.holder.value, place.holder.owner
    holder_kind, owner_kind = kind_of(holder), kind_of(owner)
    if not (isinstance(holder_kind, NodeType) and holder_kind.mutable):
        raise ValueError(f"cannot pop {place.path!r}: it is in an immutable {type(holder).__name__}")
    if isinstance(owner_kind, NodeType):
        owner_kind.check_writable(owner)
