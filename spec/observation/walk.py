"""The reference traversal: what the laws take as oracle for paths, leaves and sharing. It never asks the backend's own.

Order: depth first, the keys of every node in canonical order, so the first path of an object is its canonical path.
Data of a node and everything inside containers held as data is entered; statics are reported and not entered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax

from .atoms import atom
from .nodes import STATIC, container_items, is_node, is_variable, jax_key, node_items, one_level, sort_key


@dataclass(frozen=True)
class Visit:
    """One arrival at an object.

    Args:
        path: keys from the root.
        value: the live object.
        kind: ``node``, ``variable``, ``leaf`` (raw array or other data), ``static`` or ``container``.
        again: whether the object has identity and was met before (it is not entered a second time).
    """

    path: tuple[Any, ...]
    value: Any
    kind: str
    again: bool = False


def walk(nnx: Any, root: Any) -> Iterator[Visit]:
    """Every arrival at every object reachable from the root, parents before children."""
    met: dict[int, Any] = {}
    stack: list[tuple[tuple[Any, ...], Any, str]] = [((), root, "")]
    while stack:
        path, value, status = stack.pop()
        if status == STATIC:
            yield Visit(path, value, "static")
            continue
        variable = is_variable(nnx, value)
        if variable or is_node(nnx, value):
            kind = "variable" if variable else "node"
            again = id(value) in met
            met[id(value)] = value
            yield Visit(path, value, kind, again)
            if variable or again:
                continue
            children = [(path + (key,), item, status) for key, item, status in node_items(nnx, value)]
        else:
            inside = _inside(value)
            if inside is None:
                # An opaque node has no statuses: what jax can hold is a leaf, everything else is static.
                leaf = status != "" or not path or _is_array(value)
                yield Visit(path, value, "leaf" if leaf else "static")
                continue
            yield Visit(path, value, "container")
            children = [(path + (key,), item, status) for key, item in inside]
        stack.extend(reversed(children))


def _is_array(value: Any) -> bool:
    found = atom(value)
    return found is not None and found.kind in ("jax", "numpy", "tracer")


def _inside(value: Any) -> list[tuple[Any, Any]] | None:
    """Children of a structural node in canonical (sorted) order, or None if the value is a leaf."""
    if value is None:
        return []
    if atom(value) is not None:
        return None
    items = container_items(value) if not isinstance(value, set | frozenset) else None
    if items is not None:
        return sorted(items, key=lambda item: sort_key(item[0]))
    if jax.tree_util.all_leaves([value]):
        return None
    found, _ = one_level(value)
    return sorted(((jax_key(path[0]), child) for path, child in found), key=lambda item: sort_key(item[0]))


def leaves(nnx: Any, root: Any) -> dict[tuple[Any, ...], Any]:
    """Canonical path to leaf for every Variable (once) and every other data leaf (at each occurrence)."""
    return {
        visit.path: visit.value
        for visit in walk(nnx, root)
        if visit.kind == "leaf" or (visit.kind == "variable" and not visit.again)
    }


def nodes(nnx: Any, root: Any) -> dict[tuple[Any, ...], Any]:
    """Canonical path to node for every graph node, the root included."""
    return {visit.path: visit.value for visit in walk(nnx, root) if visit.kind == "node" and not visit.again}


def follow(root: Any, path: tuple[Any, ...]) -> Any:
    """The object at a path: attributes by name, elements by index or key."""
    for key in path:
        if isinstance(key, str) and not isinstance(root, dict) and hasattr(root, key):
            root = getattr(root, key)
        else:
            root = root[key]
    return root
