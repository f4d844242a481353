"""Turning a live object into an observation: a canonical rooted graph as plain data.

Entries are numbered in depth-first order over sorted keys, so two observations are equal exactly when the objects are
isomorphic: same types, names, statics (by value and type), sharing, cycles, Variable types and metadata, leaf bits.
The traversal keeps its own stack, so depth is not bounded by the interpreter's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax

from ..claims import Outcome
from .atoms import Atom, Opaque, atom
from .nodes import container_items, is_graphdef, is_node, is_state, is_variable, node_items, one_level, variable_type


@dataclass(frozen=True)
class Entry:
    """One object with parts.

    Args:
        kind: ``node``, ``variable``, ``state``, ``container``, ``outcome`` or ``pytree``.
        text: type name as a reader knows it.
        exact: what decides equality beside kind, text and parts.
        parts: (key, status, target) with target an `Atom` or the number of another entry.
    """

    kind: str
    text: str
    exact: Any
    parts: tuple[tuple[Any, str, Any], ...]


@dataclass(frozen=True)
class Observation:
    """What was seen of an object: its entries, and its root (an `Atom` or the number of an entry)."""

    root: Any
    entries: tuple[Entry, ...]


@dataclass
class _Pending:
    kind: str
    text: str
    exact: Any
    items: list[tuple[Any, str, Any]]


_VALUE, _METADATA = "value", "metadata"


def _describe(nnx: Any, value: Any) -> Atom | _Pending:
    """The atom of a value, or its kind and parts."""
    if isinstance(value, Observation):  # frozen earlier: compares by what was seen then
        return Atom("frozen", "an earlier observation", value)
    if isinstance(value, Outcome):
        if value.error is not None:
            category = value.category.__name__ if value.category else "?"
            return Atom("refused", f"raises {category}")
        return _Pending("outcome", "returns", None, [(_VALUE, "", value.value)])
    if is_variable(nnx, value):
        parts: list[tuple[Any, str, Any]] = [(_VALUE, "", value.get_raw_value())]
        metadata = nnx.metadata(value)
        parts += [((_METADATA, name), "", metadata[name]) for name in sorted(metadata, key=str)]
        cls = variable_type(nnx, value)
        return _Pending("variable", cls.__qualname__, cls, parts)
    if is_node(nnx, value):
        items = [(key, status, item) for key, item, status in node_items(nnx, value)]
        return _Pending("node", type(value).__qualname__, type(value), items)
    found = atom(value)
    if found is not None:
        return found
    if is_state(nnx, value):
        items = [(key, "", item) for key, item in container_items(value) or []]
        return _Pending("state", "State", None, items)
    if not is_graphdef(nnx, value):
        inside = container_items(value)
        if inside is not None:
            exact = (type(value), getattr(value, "default_factory", None))
            return _Pending("container", type(value).__name__, exact, [(key, "", item) for key, item in inside])
        if type(value).__module__ != "builtins" and not jax.tree_util.all_leaves([value]):
            return _pytree(value)
    return Atom("opaque", f"{type(value).__name__} object", Opaque(value))


def _pytree(value: Any) -> _Pending:
    """A registered pytree: its children by key, and the treedef with the children taken out."""
    found, treedef = one_level(value)
    items = [(jax.tree_util.keystr(path), "", child) for path, child in found]
    return _Pending("pytree", type(value).__qualname__, Opaque(treedef), items)


def observe(nnx: Any, value: Any, *, sharing: bool | None = None) -> Observation:
    """Observes a value as it is now; later mutation does not change the result.

    Args:
        nnx: the backend that made the objects in `value`.
        value: node, Variable, State, container, array, outcome or anything made of them.
        sharing: whether identity is part of what is seen, by default if the backend offers it; without it every
            occurrence is unfolded (no cycles then).

    Returns:
        Canonical plain data; equal observations mean isomorphic objects.
    """
    sharing = bool(nnx.offers("sharing")) if sharing is None else sharing
    entries: list[Entry | None] = []
    numbers: dict[int, int] = {}
    kept: list[Any] = []  # keeps objects alive so that an id is not used twice
    root: list[Any] = [None]
    # Each task: (value, where to put the result: a list and an index).
    stack: list[tuple[Any, list[Any], int]] = [(value, root, 0)]
    finish: list[tuple[int, _Pending, list[Any]]] = []
    while stack:
        current, holder, slot = stack.pop()
        known = numbers.get(id(current)) if sharing else None
        if known is not None:
            holder[slot] = known
            continue
        seen = _describe(nnx, current)
        if isinstance(seen, Atom):
            holder[slot] = seen
            continue
        number = len(entries)
        entries.append(None)
        holder[slot] = number
        if seen.kind in ("node", "variable"):
            numbers[id(current)] = number
            kept.append(current)
        targets: list[Any] = [None] * len(seen.items)
        finish.append((number, seen, targets))
        for index in range(len(seen.items) - 1, -1, -1):
            stack.append((seen.items[index][2], targets, index))
    for number, seen, targets in finish:
        parts = tuple((key, status, target) for (key, status, _), target in zip(seen.items, targets, strict=True))
        entries[number] = Entry(seen.kind, seen.text, seen.exact, parts)
    return Observation(root[0], tuple(entry for entry in entries if entry is not None))
