"""`clone`: a copy of a graph that shares no Variable, no node and no mutable value with it."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import jax

from .flatten import flatten
from .graphdef import Def, NodeDef, StaticDef, VariableDef
from .recipe import unflatten
from .tracers import TraceState, trace_state
from .values import copy_containers
from .variable import Variable, new_variable

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
    defs = list(flat.defs)
    for i in flat.statics:
        defs[i] = copy_static(defs[i])
    leaves = flat.leaves
    if variables:
        trace = trace_state()
        leaves = [copy_leaf(leaf, arrays, trace) for leaf in leaves]
    else:
        leaves = [leaf if isinstance(leaf, Variable) else copy_leaf(leaf) for leaf in leaves]
    cloned: A = unflatten(defs, leaves, wrap=False)
    return cloned


def copy_leaf(leaf: Any, arrays: bool = False, trace: TraceState | None = None) -> Any:
    """A copy of a Variable or raw leaf: new containers and numpy arrays, and on demand new jax arrays.

    Args:
        leaf: what to copy.
        arrays: copy jax arrays too.
        trace: the present trace, from who has asked for it already.
    """
    if not isinstance(leaf, Variable):
        return _copy_value(leaf, arrays)
    value, metadata = leaf._raw_value, leaf._metadata
    if arrays or not _is_jax_array(type(value)):  # type: ignore[arg-type]  # mypy takes a `type` for unhashable
        value = _copy_value(value, arrays)
    metadata = copy_containers(metadata, arrays=True) if metadata else {}
    return new_variable(type(leaf), value, metadata, trace or trace_state())


@functools.lru_cache(256)
def _is_jax_array(cls: type) -> bool:
    """Whether all instances are jax arrays. To ask jax about each would take a third of the time of `clone`."""
    return issubclass(cls, jax.Array)


def _copy_value(value: Any, arrays: bool) -> Any:
    if isinstance(value, jax.Array) and not arrays:
        return value
    value = copy_containers(value, arrays=True)
    if arrays:
        value = jax.tree.map(lambda x: x.copy() if isinstance(x, jax.Array) else x, value)
    return value


def copy_static(d: Def) -> Def:
    """A definition that shares no mutable container with `d`."""
    if isinstance(d, VariableDef):
        return d
    if isinstance(d, StaticDef):
        return StaticDef(copy_containers(d.value, arrays=True))
    if isinstance(d, NodeDef) and d.aux is not None:
        return d._replace(aux=copy_containers(d.aux, arrays=True))
    return d
