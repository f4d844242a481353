"""Bodies for loops and branches: small changes of a graph as data, and the Python loops that are their oracles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...observation import leaves, nodes
from ...observation.nodes import is_variable

CHANGES = ("count", "add", "double", "index", "read", "draw")
"""What one entry of a plan may do to a Variable."""


def is_number(value: Any) -> bool:
    """Whether arithmetic on the value is exact: an int32 or float32 array, and not weakly typed."""
    return isinstance(value, jax.Array) and value.dtype in (jnp.int32, jnp.float32) and not value.weak_type


def numbers(nnx: Any, root: Any) -> list[Any]:
    """The Variables that hold such numbers, in canonical order."""
    return [leaf for leaf in leaves(nnx, root).values() if is_variable(nnx, leaf) and is_number(leaf.get_value())]


def single_streams(nnx: Any, root: Any) -> list[Any]:
    """The random streams with a single key, in canonical order."""
    found = [node for node in nodes(nnx, root).values() if isinstance(node, nnx.RngStream)]
    return [stream for stream in found if stream.key.get_value().shape == ()]


def change(nnx: Any, root: Any, plan: tuple[tuple[int, str], ...], i: Any) -> None:
    """Runs a plan: each entry (which, how) changes a Variable of the graph, chosen by number; `i` is the iteration."""
    for which, how in plan:
        found = numbers(nnx, root)
        if not found:
            return
        variable = found[which % len(found)]
        x = variable.get_value()
        if how == "count":
            variable.set_value(x + jnp.ones((), x.dtype))
        elif how == "add":
            variable.set_value(x + jnp.asarray(i).astype(x.dtype))
        elif how == "double":
            variable.set_value(x * 2)
        elif how == "index" and x.size and nnx.offers("indexing"):
            variable[(0,) * x.ndim] = jnp.asarray(i).astype(x.dtype)
        elif how == "read":
            other = found[(which + 1) % len(found)].get_value()
            variable.set_value(x + other.reshape(-1)[:1].astype(jnp.int32).sum().astype(x.dtype))
        elif how == "draw" and single_streams(nnx, root):
            streams = single_streams(nnx, root)
            data = jax.random.key_data(streams[which % len(streams)]())
            variable.set_value(jnp.full(x.shape, data[-1] % 5, x.dtype))


def values(nnx: Any, root: Any, count: int) -> tuple[Any, ...]:
    """The first values of such Variables, for an output."""
    return tuple(variable.get_value() for variable in numbers(nnx, root)[:count])


def within(nnx: Any, how: str, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a function of nodes and arrays as it is ("plain"), or inside of the lifted jit ("jit")."""
    return nnx.jit(function)(*args) if how == "jit" else function(*args)
