"""`clone`: a copy of a graph that shares no Variable, no node and no mutable value with it."""

from __future__ import annotations

from typing import Any, TypeVar

import jax

from .flatten import flatten, unflatten
from .graphdef import Def, NodeDef, StaticDef
from .values import copy_containers
from .variable import Variable

A = TypeVar("A")


def clone(node: A, /, variables: bool = True, *, arrays: bool = False) -> A:
    """Copy a graph, with its sharing and cycles.

    Args:
        node: the graph.
        variables: copy the Variables too; otherwise both graphs share them.
        arrays: copy the buffers of jax arrays too, so that both graphs can be donated. numpy arrays are always copied.

    Raises:
        ValueError: copied arrays are asked for, but not copied Variables.
    """
    if arrays and not variables:
        raise ValueError("clone(arrays=True) needs variables=True: a shared Variable cannot have two arrays")
    flat = flatten(node)
    defs = [copy_static(d) for d in flat.defs]
    leaves = flat.leaves
    if variables:
        leaves = [copy_leaf(leaf, arrays=arrays) for leaf in leaves]
    else:
        leaves = [leaf if isinstance(leaf, Variable) else copy_leaf(leaf) for leaf in leaves]
    cloned: A = unflatten(defs, leaves)
    return cloned


def copy_leaf(leaf: Any, *, arrays: bool = False) -> Any:
    """A copy of a Variable or raw leaf: new containers and numpy arrays, and on demand new jax arrays."""
    if not isinstance(leaf, Variable):
        return _copy_value(leaf, arrays)
    metadata = copy_containers(leaf.get_metadata(), arrays=True)
    return type(leaf).from_metadata(_copy_value(leaf.get_raw_value(), arrays), metadata)


def _copy_value(value: Any, arrays: bool) -> Any:
    value = copy_containers(value, arrays=True)
    if arrays:
        value = jax.tree.map(lambda x: x.copy() if isinstance(x, jax.Array) else x, value)
    return value


def copy_static(d: Def) -> Def:
    """A definition that shares no mutable container with `d`."""
    if isinstance(d, StaticDef):
        return StaticDef(copy_containers(d.value, arrays=True))
    if isinstance(d, NodeDef) and d.aux is not None:
        return d._replace(aux=copy_containers(d.aux, arrays=True))
    return d
