"""Lanes by hand: the data of one lane or iteration as a graph of its own, and graphs of lanes stacked into one.

The oracle of vmap and scan. Every lane has the same structure; its leaves are variants of one another, so the graph of
lane j is made by changing a fresh graph in place, and nothing of the backend's own slicing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .backend import Unsupported
from .observation import walk
from .observation.atoms import is_literal
from .observation.nodes import DATA, UNKNOWN, is_node, is_variable, jax_key, node_items


def variant(value: Any, lane: int) -> Any:
    """What lane number `lane` has where a fresh graph has the array `value`; elementwise, so that stacks vary too."""
    if lane == 0:
        return value
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        flat = [jax.random.fold_in(key, lane) for key in value.reshape(-1)]
        return jnp.stack(flat).reshape(value.shape) if flat else value
    known = np.asarray(value) if _on_host(value) else value
    with np.errstate(all="ignore"):
        changed = known ^ (lane % 2 == 1) if known.dtype == bool else known + np.asarray(lane, known.dtype)
    return jnp.asarray(changed, value.dtype)


def _on_host(*values: Any) -> bool:
    """Whether numpy gets the same from arrays: then nothing has to be compiled for their shapes."""
    return all(
        isinstance(x, jax.Array)
        and not isinstance(x, jax.core.Tracer)
        and not jnp.issubdtype(x.dtype, jax.dtypes.prng_key)
        and not x.weak_type
        and not x.committed
        for x in values
    )


def _stack(values: Sequence[Any], axis: int) -> Any:
    if not _on_host(*values) or len({x.dtype for x in values}) > 1:
        return jnp.stack(values, axis)
    return jnp.asarray(np.stack([np.asarray(x) for x in values], axis), values[0].dtype)


def _is_array(value: Any) -> bool:
    return isinstance(value, jax.Array) or is_literal(value)


def rewrite(nnx: Any, root: Any, change: Callable[[tuple[Any, ...], Any, Any], Any]) -> Any:
    """Replaces every array of a graph in place.

    Args:
        nnx: the backend.
        root: nodes and Variables in plain containers, or an array.
        change: gets the path and the leaf (the Variable, or the raw array) and the array; gives what stands there then.

    Returns:
        The root; a new one where a plain container holds arrays directly, and where the backend's objects cannot be
        changed in this way: those are pytrees without sharing.
    """

    if not in_place(nnx):
        return _rewritten(nnx, root, change)

    def ends(value: Any) -> bool:
        return is_variable(nnx, value) or is_node(nnx, value)

    def inside(path: tuple[Any, ...], value: Any) -> Any:
        return jax.tree.map(lambda x: change(path, x, x) if _is_array(x) else x, value, is_leaf=ends)

    for visit in list(walk(nnx, root)):
        value = visit.value
        if visit.kind not in ("variable", "node") or visit.again:
            continue
        if visit.kind == "variable":
            raw = value.get_raw_value()
            value.set_raw_value(jax.tree.map(lambda x: change(visit.path, value, x) if _is_array(x) else x, raw))  # noqa: B023  # called at once
            continue
        for key, item, status in node_items(nnx, value):
            if status in (DATA, UNKNOWN) and not ends(item):
                found = jax.tree.leaves(item, is_leaf=ends)
                if any(_is_array(x) for x in found):
                    _put(nnx, value, key, inside((*visit.path, key), item))
    return inside((), root)


def in_place(nnx: Any) -> bool:
    """Whether every array of the backend's graphs can be exchanged where it is."""
    return bool(nnx.offers("structural-mutation") and nnx.offers("mutation.any-value"))


def _rewritten(nnx: Any, root: Any, change: Callable[[tuple[Any, ...], Any, Any], Any]) -> Any:
    """What `rewrite` does, as a new tree with new Variables."""

    def visit(path: Any, leaf: Any) -> Any:
        keys = tuple(map(jax_key, path))
        if not is_variable(nnx, leaf):
            return change(keys, leaf, leaf) if _is_array(leaf) else leaf
        if not hasattr(leaf, "replace"):
            raise Unsupported("Variable.replace")
        raw = leaf.get_raw_value()
        return leaf.replace(jax.tree.map(lambda x: change(keys, leaf, x) if _is_array(x) else x, raw))

    return jax.tree_util.tree_map_with_path(visit, root, is_leaf=lambda x: is_variable(nnx, x))


def _put(nnx: Any, node: Any, key: Any, value: Any) -> None:
    value = value if _is_array(value) or not nnx.offers("data") else nnx.data(value)
    if nnx.offers("List") and isinstance(node, nnx.List) and isinstance(key, int):
        node[key] = value
    elif nnx.offers("Dict") and isinstance(node, nnx.Dict):
        node[key] = value
    else:
        setattr(node, key, value)


def arrays(nnx: Any, root: Any) -> list[Any]:
    """Every array of a graph, in the order of `rewrite`."""
    found: list[Any] = []

    def note(path: Any, leaf: Any, value: Any) -> Any:
        found.append(value)
        return value

    rewrite(nnx, root, note)
    return found


def axis_for(axis: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    """The axis of one leaf: `axis` itself, or what it gives for path and leaf if it is a function."""
    return axis(path, leaf) if callable(axis) else axis


def variant_of(nnx: Any, root: Any, number: int, axis: Any = 0) -> Any:
    """Makes of a fresh graph that of one lane, in place; leaves under axis None are the same in every lane."""

    def varied(path: Any, leaf: Any, x: Any) -> Any:
        return x if axis_for(axis, path, leaf) is None else variant(x, number)

    return rewrite(nnx, root, varied) if number else root


def spread(nnx: Any, root: Any, axis: Any, size: int) -> Any:
    """Makes of a fresh graph that of all lanes, in place: each leaf gets its axis, along which its variants stand."""

    def stacked(path: Any, leaf: Any, x: Any) -> Any:
        at = axis_for(axis, path, leaf)
        return x if at is None else _stack([variant(x, number) for number in range(size)], at)

    return rewrite(nnx, root, stacked)


class LanesDiffer(ValueError):
    """A leaf under axis None is not the same in all lanes."""


def gather(nnx: Any, lanes: Sequence[Any], axis: Any) -> Any:
    """Stacks the graphs of lanes into the first of them, in place.

    Raises:
        LanesDiffer: a leaf under axis None differs.
    """
    others = [iter(arrays(nnx, one)) for one in lanes[1:]]

    def stacked(path: Any, leaf: Any, x: Any) -> Any:
        values = [x, *(next(other) for other in others)]
        at = axis_for(axis, path, leaf)
        if at is not None:
            return _stack(values, at)
        if any(not _same(x, value) for value in values[1:]):
            raise LanesDiffer(f"the leaf at {path!r} differs between lanes")
        return x

    return rewrite(nnx, lanes[0], stacked)


def _same(left: Any, right: Any) -> bool:
    if jnp.issubdtype(left.dtype, jax.dtypes.prng_key):
        left, right = jax.random.key_data(left), jax.random.key_data(right)
    if left.shape != right.shape:
        return False
    if _on_host(left, right):
        left, right = np.asarray(left), np.asarray(right)
        return bool(np.all((left == right) | ((left != left) & (right != right))))
    return bool(jnp.array_equal(left, right, equal_nan=True))
