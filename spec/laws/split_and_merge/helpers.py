"""What the laws of this term share: changing graphs by hand, and finding objects that two graphs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...observation import follow, walk
from ...observation.nodes import is_variable


def empty_branches(state: Any) -> list[tuple[Any, ...]]:
    """Paths of mappings below the root that hold nothing."""
    found = []
    stack: list[tuple[tuple[Any, ...], Any]] = [((), state)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Mapping):
            if path and not len(value):
                found.append(path)
            stack.extend((path + (key,), value[key]) for key in value)
    return found


def put(root: Any, path: tuple[Any, ...], value: Any) -> None:
    """Sets what stands at a path, by attribute or item, as a user does."""
    parent, key = follow(root, path[:-1]), path[-1]
    if isinstance(key, int) or isinstance(parent, dict):
        parent[key] = value
    else:
        setattr(parent, key, value)


def drop(root: Any, path: tuple[Any, ...]) -> None:
    """Deletes what stands at a path, by attribute or item, as a user does."""
    parent, key = follow(root, path[:-1]), path[-1]
    if isinstance(key, int) or isinstance(parent, dict):
        del parent[key]
    else:
        delattr(parent, key)


def write(nnx: Any, root: Any, values: Mapping[tuple[Any, ...], Any]) -> Any:
    """The graph itself, after the leaf at each path was given a value by hand."""
    for path, value in values.items():
        leaf = follow(root, path)
        if is_variable(nnx, leaf):
            leaf.set_value(value)
        else:
            put(root, path, value)
    return root


def held(nnx: Any, root: Any) -> tuple[Any, ...]:
    """Every object with identity in a graph, in canonical order."""
    return tuple(visit.value for visit in walk(nnx, root) if visit.kind in ("node", "variable") and not visit.again)


def shared_objects(nnx: Any, one: Any, other: Any) -> list[tuple[Any, ...]]:
    """Paths in `one` of the objects with identity that `other` reaches too."""
    there = {id(value): value for value in held(nnx, other)}
    return [visit.path for visit in walk(nnx, one) if visit.kind in ("node", "variable") and id(visit.value) in there]


def disturb(nnx: Any, root: Any, edits: tuple[tuple[int, int], ...], value: Any) -> None:
    """Changes a graph by small edits (what, where): values, metadata, attributes taken away and added."""
    for what, where in edits:
        visits = [visit for visit in walk(nnx, root) if not visit.again]
        variables = [visit.value for visit in visits if visit.kind == "variable"]
        plain = [visit.value for visit in visits if visit.kind == "node" and not hasattr(visit.value, "__len__")]
        if what == 0 and variables:
            variables[where % len(variables)].set_value(value)
        elif what == 1 and variables:
            variables[where % len(variables)].set_metadata(disturbed=where)
        elif what == 2 and plain:
            parent = plain[where % len(plain)]
            names = sorted(nnx.attributes(parent))
            if names:
                delattr(parent, names[where % len(names)])
        elif what == 3 and plain:
            plain[where % len(plain)].disturbed = nnx.Param(value)
        elif what == 4 and plain:
            plain[where % len(plain)].disturbed_static = where
