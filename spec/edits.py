"""Edits of states, as data: small changes to a flat dict ``{path: leaf}``; the result may no longer fit its Module.

An edit is a tuple ``(name, which, other)``: `which` and `other` pick paths by number, modulo how many there are, so
every edit applies to every state that has a leaf; on an empty state each of them adds a leaf.
"""

from __future__ import annotations

from typing import Any

from .flat import Flat

EDITS: dict[str, str] = {
    "drop": "the leaf is taken away",
    "add": "the new leaf stands beside the leaf, under a new key (the next int in a list)",
    "add-tree": "a branch that holds the new leaf stands beside the leaf",
    "rename": "the last key of the leaf's path is another one",
    "rename-inner": "a key of the leaf's path is another one, for everything below it",
    "swap": "the leaf and another one change places",
    "duplicate": "the leaf stands under a second, new key as well",
    "change": "the new leaf stands in place of the leaf",
    "nest": "a branch that holds the new leaf stands in place of the leaf",
    "cut": "the new leaf stands in place of the branch around the leaf",
}
"""Every edit and what it does, in the order of a reader's interest."""

KEEPS_PATHS = ("swap", "change")
"""Edits after which the set of paths is what it was."""


def new_key(leaves: Flat, prefix: tuple[Any, ...], key: Any) -> Any:
    """A key like `key` (an int for an int, else a str) under which nothing stands below `prefix`."""
    size = len(prefix)
    taken = {path[size] for path in leaves if len(path) > size and path[:size] == prefix}
    if isinstance(key, int):
        return max((k for k in taken if isinstance(k, int)), default=-1) + 1
    name = "new"
    while name in taken:
        name += "_"
    return name


def edited(leaves: Flat, edit: tuple[str, int, int], leaf: Any) -> Flat:
    """The leaves after one edit; what is given stays as it was.

    Args:
        leaves: leaves by path; no path is empty.
        edit: name (one of `EDITS`), number of the path, second number where the edit needs one.
        leaf: the new leaf, for edits that bring one.
    """
    name, which, other = edit
    if not leaves:
        return {("new",): leaf}
    paths = list(leaves)
    path = paths[which % len(paths)]
    parent = path[:-1]
    result = dict(leaves)
    match name:
        case "drop":
            del result[path]
        case "add":
            result[(*parent, new_key(leaves, parent, path[-1]))] = leaf
        case "add-tree":
            result[(*parent, new_key(leaves, parent, path[-1]), "deep")] = leaf
        case "rename":
            result[(*parent, new_key(leaves, parent, path[-1]))] = result.pop(path)
        case "rename-inner":
            depth = other % len(path)
            key = new_key(leaves, path[:depth], path[depth])
            moved = [p for p in paths if p[: depth + 1] == path[: depth + 1]]
            for p in moved:
                result[(*path[:depth], key, *p[depth + 1 :])] = result.pop(p)
        case "swap":
            second = paths[other % len(paths)]
            result[path], result[second] = result[second], result[path]
        case "duplicate":
            result[(*parent, new_key(leaves, parent, path[-1]))] = result[path]
        case "change":
            result[path] = leaf
        case "nest":
            del result[path]
            result[(*path, "new")] = leaf
        case "cut":
            for p in paths:
                if p[: len(parent)] == parent and parent:
                    del result[p]
            result[parent or path] = leaf
        case _:
            raise ValueError(f"unknown edit {name!r}; known: {', '.join(EDITS)}")
    return result
