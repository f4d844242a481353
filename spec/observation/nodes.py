"""The observer's way into nodes: which parts an object with identity has, and whether each is data or static.

It reads what a user can read (attributes, items, iteration) and never the backend's own traversal, which is under test.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax

DATA, STATIC, UNKNOWN = "data", "static", ""


_NODES = ("Module", "Pytree", "Object", "List", "Dict", "Rngs", "RngStream")


@functools.cache
def _classes(nnx: Any, names: tuple[str, ...]) -> tuple[type, ...]:
    """Those of the named classes that the backend has. Asked for at every object, hence cached."""
    return tuple(getattr(nnx, name) for name in names if nnx.offers(name))


def is_variable(nnx: Any, value: Any) -> bool:
    """Whether the value is a Variable of the backend, or the form that one has in a State where that is another."""
    return isinstance(value, _classes(nnx, ("Variable", "VariableState")))


def variable_type(nnx: Any, variable: Any) -> type:
    """The type of a Variable; a form for States is of the type that it says."""
    found: type = type(variable) if isinstance(variable, nnx.Variable) else variable.type
    return found


def is_node(nnx: Any, value: Any) -> bool:
    """Whether the value is a graph node: a Module, List, Dict, Rngs, stream or other object with identity."""
    return isinstance(value, _classes(nnx, _NODES)) and not isinstance(value, type)


def is_state(nnx: Any, value: Any) -> bool:
    """Whether the value is a State (a nested mapping from paths to leaves)."""
    return isinstance(value, _classes(nnx, ("State",)))


def is_graphdef(nnx: Any, value: Any) -> bool:
    """Whether the value is a GraphDef."""
    return isinstance(value, _classes(nnx, ("GraphDef",)))


def one_level(value: Any) -> tuple[list[tuple[Any, Any]], Any]:
    """(key path, child) of the children that `jax.tree` sees, and the treedef around them; children are not entered.

    A value that is opaque to jax.tree is its own only child, with an empty path. None counts as a child.
    """
    inside = False

    def is_leaf(_: Any) -> bool:
        nonlocal inside
        entered, inside = inside, True
        return entered

    return jax.tree_util.tree_flatten_with_path(value, is_leaf=is_leaf)


def data_keys(node: Any) -> set[Any] | None:
    """Keys under which `jax.tree` sees the children of a node; None if the node is opaque to it."""
    found, _ = one_level(node)
    if any(len(path) == 0 for path, _ in found):
        return None
    return {jax_key(path[0]) for path, _ in found}


def jax_key(entry: Any) -> Any:
    """The plain key in one entry of a jax key path."""
    for name in ("name", "idx", "key"):
        if hasattr(entry, name):
            return getattr(entry, name)
    return str(entry)


def sort_key(key: Any) -> tuple[int, Any]:
    """Canonical order of keys: ints before strs, everything else by its text."""
    if isinstance(key, bool) or not isinstance(key, int | str):
        return (2, repr(key))
    return (0, key) if isinstance(key, int) else (1, key)


def node_items(nnx: Any, node: Any) -> list[tuple[Any, Any, str]]:
    """(key, value, status) of every part of a node, sorted; status is data, static or unknown (opaque nodes)."""
    is_list: bool = isinstance(node, _classes(nnx, ("List",)))
    is_dict: bool = isinstance(node, _classes(nnx, ("Dict",)))
    if is_list:
        # Attributes named like elements that are not there stay in sight: they are state that the list does not show.
        named = {k: v for k, v in nnx.attributes(node).items() if not (k.isdecimal() and int(k) < len(node))}
        items: dict[Any, Any] = dict(enumerate(node)) | named
    elif is_dict:
        items = {key: node[key] for key in node}
    else:
        items = nnx.attributes(node)
    seen = data_keys(node)
    if seen is not None:
        seen |= {str(k) for k in seen}
    return [
        (key, items[key], UNKNOWN if seen is None else DATA if key in seen or str(key) in seen else STATIC)
        for key in sorted(items, key=sort_key)
    ]


def container_items(value: Any) -> list[tuple[Any, Any]] | None:
    """(key, value) of a container without identity, in the order that counts; None if the value is no container.

    A plain dict has no order worth keeping, so its keys are sorted; an OrderedDict's order is part of it.
    """
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(name, getattr(value, name)) for name in value._fields]
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    if isinstance(value, set | frozenset):
        return list(enumerate(sorted(value, key=repr)))
    if isinstance(value, Mapping):
        keys = list(value) if type(value).__name__ == "OrderedDict" else sorted(value, key=sort_key)
        return [(key, value[key]) for key in keys]
    return None
