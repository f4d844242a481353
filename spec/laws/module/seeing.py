"""What the laws of Modules look at: children as `jax.tree` sees them, state by path, containers of any depth."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import jax
import numpy as np

from ...observation.nodes import data_keys

Twins = namedtuple("Twins", ["first", "second"])


def is_child(m: Any, name: str) -> bool:
    """Whether `jax.tree` sees the attribute `name` of `m` as a child."""
    return name in (data_keys(m) or ())


def flat(nnx: Any, m: Any) -> dict[Any, Any]:
    """The state of `m` as the backend gives it: leaf by path."""
    return dict(nnx.to_flat_state(nnx.state(m)))


def nest(kinds: tuple[str, ...], item: Any) -> Any:
    """The item inside containers, the outermost named first; every container holds other things beside it."""
    for kind in reversed(kinds):
        if kind == "list":
            item = ["x", item]
        elif kind == "tuple":
            item = (item, 1)
        elif kind == "dict":
            item = {"k": item, "a": None}
        else:
            item = Twins(None, item)
    return item


def data_item(nnx: Any, kind: str, value: Any) -> Any:
    """Something that is data by its type, made of an array."""
    if kind == "numpy":
        return np.asarray(value)
    if kind == "variable":
        return nnx.Param(value)
    if kind == "module":
        return nnx.Module()
    return value


def is_array(value: Any) -> bool:
    """Whether a value is a jax or numpy array."""
    return isinstance(value, jax.Array | np.ndarray)


def holds_array(value: Any) -> bool:
    """Whether a value is an array or a plain container with one in it."""
    return any(is_array(leaf) for leaf in jax.tree_util.tree_leaves(value))
