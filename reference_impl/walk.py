"""Visiting a graph: every node, leaf and static with its place, children before parents."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from .filters import Filter, to_predicate
from .flatten import Children, is_leaf, open_node
from .nodes import VARIABLE, NodeType, has_identity, kind_of
from .paths import Key, Path


class Event(Enum):
    """Why a place is yielded by `walk`."""

    ENTER = "a node, before its children"
    LEAVE = "a node, after its children"
    LEAF = "a Variable or a raw leaf"
    STATIC = "a static value"
    AGAIN = "a graph node or Variable that was met before"


class Place:
    """A value in a graph, the place of the node that holds it, and its key there. The path is made when asked for."""

    __slots__ = ("holder", "key", "value")

    def __init__(self, holder: Place | None, key: Key, value: Any) -> None:
        self.holder = holder
        self.key = key
        self.value = value

    @property
    def path(self) -> Path:
        """The keys from the root to here."""
        keys = []
        place = self
        while place.holder is not None:
            keys.append(place.key)
            place = place.holder
        keys.reverse()
        return tuple(keys)

    @property
    def owner(self) -> Any:
        """The nearest graph node at or above this place, or None."""
        place: Place | None = self
        while place is not None and not has_identity(kind_of(place.value)):
            place = place.holder
        return None if place is None else place.value


def walk(root: Any) -> Iterator[tuple[Event, Place]]:
    """Visit a graph depth first, in sorted key order, each object with identity once.

    Raises:
        ValueError: a plain container contains itself.
    """
    place = Place(None, None, root)
    flag: bool | None = None
    seen: dict[int, Any] = {}  # keeps what it has seen alive, or ids would be used again
    stack: list[tuple[Place, Children]] = []
    marks: set[int] = set()
    while True:
        value = place.value
        kind = kind_of(value)
        if flag is False:
            yield Event.STATIC, place
        elif has_identity(kind) and id(value) in seen:
            yield Event.AGAIN, place
        elif isinstance(kind, NodeType):
            if kind.identity:
                seen[id(value)] = value
            yield Event.ENTER, place
            parts = kind.flatten(value)
            stack.append((place, open_node(value, kind, parts, parts.values, flag, marks)))
        elif kind is VARIABLE or is_leaf(kind, value, flag):
            if kind is VARIABLE:
                seen[id(value)] = value
            yield Event.LEAF, place
        else:
            yield Event.STATIC, place
        while stack:
            holder, children = stack[-1]
            child = next(children, None)
            if child is not None:
                key, value, flag = child
                place = Place(holder, key, value)
                break
            stack.pop()
            marks.discard(id(holder.value))
            yield Event.LEAVE, holder
        else:
            return


def iter_places(root: Any) -> Iterator[Place]:
    """The places that `iter_graph` yields, without their paths."""
    return (place for event, place in walk(root) if event not in (Event.ENTER, Event.AGAIN))


def iter_graph(node: Any, /) -> Iterator[tuple[Path, Any]]:
    """Every node, leaf and static value with its path: children first, the root last.

    Objects with identity come once, under their canonical path; raw arrays and statics at every occurrence.
    """
    return ((place.path, place.value) for place in iter_places(node))


def find_duplicates(node: Any, /, *, only: Filter = ...) -> list[list[Path]]:
    """The paths of every graph node and Variable that can be reached by more than one, as one list for each.

    Args:
        node: the graph.
        only: restricts the search to the objects that this filter selects, by their canonical path.
    """
    predicate = to_predicate(only)
    first: dict[int, Place] = {}
    again: dict[int, list[Place]] = {}
    for event, place in walk(node):
        if event is Event.AGAIN:
            again.setdefault(id(place.value), []).append(place)
        elif event in (Event.ENTER, Event.LEAF):
            first.setdefault(id(place.value), place)
    duplicates = []
    for identity, place in first.items():
        if identity in again and predicate(place.path, place.value):
            duplicates.append([place.path, *[other.path for other in again[identity]]])
    return duplicates
