"""States as plain data: nested mappings to flat dicts ``{path: leaf}`` and back, without the backend's functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .observation.nodes import sort_key

Flat = dict[tuple[Any, ...], Any]
"""Leaves by path."""


def flat(mapping: Mapping[Any, Any]) -> Flat:
    """Leaves of a nested mapping (State or dict) by path, in canonical order; empty branches vanish."""
    found: Flat = {}
    stack: list[tuple[tuple[Any, ...], Any]] = [((), mapping)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend((path + (key,), value[key]) for key in sorted(value, key=sort_key, reverse=True))
        else:
            found[path] = value
    return found


def in_state(nnx: Any, leaves: Flat) -> Flat:
    """The leaves as the State of a live graph has them: the Variables, or forms of them where a State is a snapshot."""
    if nnx.offers("state.shares-variables") or not nnx.offers("Variable.to_state"):
        return dict(leaves)
    return {path: leaf.to_state() if isinstance(leaf, nnx.Variable) else leaf for path, leaf in leaves.items()}


def nested(leaves: Mapping[tuple[Any, ...], Any]) -> dict[Any, Any]:
    """The nested dict with those leaves; no path may be a proper prefix of another."""
    found: dict[Any, Any] = {}
    for path, leaf in leaves.items():
        place = found
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = leaf
    return found


def in_order(leaves: Mapping[tuple[Any, ...], Any]) -> list[tuple[Any, ...]]:
    """The paths in canonical order: key by key, ints before strs."""
    return sorted(leaves, key=path_key)


def path_key(path: tuple[Any, ...]) -> list[Any]:
    """What canonical order sorts a path by."""
    return [sort_key(key) for key in path]


def reordered(items: Iterable[Any], order: tuple[int, ...]) -> list[Any]:
    """The items sorted by their weights in `order`, which is repeated as often as needed."""
    given = list(items)
    return [given[i] for i in sorted(range(len(given)), key=lambda i: order[i % len(order)])]
