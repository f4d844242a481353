"""Functions over all leaves or all parts of a graph, which make a new graph."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, TypeVar

import jax

from .clone import copy_leaf
from .flatten import flatten
from .nodes import NodeType, has_identity, kind_of
from .paths import Path
from .recipe import unflatten
from .status import is_data
from .variable import Variable
from .walk import Event, walk

A = TypeVar("A")


def map(f: Callable[[Path, Any], Any], node: A, /) -> A:  # NNX's name
    """A new graph with `f(path, leaf)` in the place of every leaf; `f` is called once for each.

    A plain value that `f` returns for a Variable is put into a new Variable with the type and metadata of the old one.
    A leaf that `f` returns unchanged is copied, so that nothing is shared with `node`.
    """
    flat = flatten(node, with_paths=True)
    mapped = []
    for path, leaf in zip(flat.paths, flat.leaves, strict=True):
        new = f(path, leaf)
        mapped.append(copy_leaf(new) if new is leaf else new)
    result: A = unflatten(flat.defs, mapped)
    return result


def recursive_map(f: Callable[[Path, Any], Any], node: Any, /) -> Any:
    """A new graph made bottom-up: every node, leaf and static value `x` is replaced by `f(path, x)`.

    `f` sees nodes whose children have been replaced already. Shared objects are visited once and stay shared.

    Raises:
        ValueError: the graph has a cycle.
    """
    results: dict[int, Any] = {}
    children: list[list[Any]] = [[]]
    for event, place in walk(node):
        if event is Event.ENTER:
            children.append([])
            continue
        if event is Event.AGAIN:
            if id(place.value) not in results:
                raise ValueError(f"recursive_map cannot map a cycle: {place.path!r} is a node that contains it")
            new = results[id(place.value)]
        else:
            value = _rebuilt(place.value, children.pop()) if event is Event.LEAVE else place.value
            new = f(place.path, value)
            if has_identity(kind_of(place.value)):
                results[id(place.value)] = new
        children[-1].append(new)
    return children[0][0]


def _rebuilt(node: Any, children: list[Any]) -> Any:
    """A new node of the type of `node` with other children. Data in the place of a static value makes it data."""
    kind = kind_of(node)
    assert isinstance(kind, NodeType)
    parts = kind.flatten(node)
    flags = parts.flags
    if flags is not None:
        flags = tuple([flag or is_data(child) for flag, child in zip(flags, children, strict=True)])
    parts = parts._replace(values=children, flags=flags)
    if not kind.identity:
        return kind.build(type(node), parts)
    new = kind.create(type(node))
    kind.fill(new, parts)
    return new


def as_pure(tree: A, /) -> A:
    """The same graph, State or pytree with Variables replaced by their raw values and references by their contents."""
    flat = flatten(tree)
    pure: A = unflatten(flat.defs, builtins.map(_pure, flat.leaves), wrap=False)
    return pure


def _pure(leaf: Any) -> Any:
    while isinstance(leaf, Variable):
        leaf = leaf.get_raw_value()
    if isinstance(leaf, jax.Ref):
        return leaf[...]
    return as_pure(leaf) if leaf is not None and isinstance(kind_of(leaf), NodeType) else leaf
