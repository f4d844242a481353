"""Blocks by hand: where the parts of an array lie on a mesh, and graphs whose arrays can all be dealt out.

The oracle of shard_map and of shardings. A layout is a tuple that says for each dimension over which axes of the mesh
it is dealt: ``"a"``, ``"b"``, ``"ab"`` (first over a), or ``""``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .filtering import live_filter, matches
from .lanes import rewrite

SIDE = 8
"""Extent of both dimensions of every array in a widened graph: eight devices in any mesh divide it."""

LAYOUTS: tuple[tuple[str, ...], ...] = (("", ""), ("a", ""), ("", "a"), ("b", "a"), ("a", "b"), ("ab", ""), ("", "ba"))
"""Layouts of two dimensions; axes that a mesh lacks are left out of them."""


def layout_on(mesh: Any, number: int) -> tuple[str, ...]:
    """A layout by number, of axes that the mesh has."""
    layout = LAYOUTS[number % len(LAYOUTS)]
    return tuple("".join(name for name in names if name in mesh.shape) for names in layout)


def spec_of(layout: Sequence[str]) -> Any:
    """A layout as jax's PartitionSpec."""
    entries = [names if len(names) == 1 else tuple(names) if names else None for names in layout]
    return jax.sharding.PartitionSpec(*entries)  # type: ignore[no-untyped-call]  # jax does not say


def sharding_of(mesh: Any, layout: Sequence[str]) -> Any:
    """A layout as jax's sharding."""
    return jax.sharding.NamedSharding(mesh, spec_of(layout))


def widened(nnx: Any, root: Any) -> Any:
    """A fresh graph with other arrays, in place: each is a matrix of its own, small integers in float32 or int32."""
    count = itertools.count()

    def change(path: Any, leaf: Any, x: Any) -> Any:
        number = next(count)
        return jnp.asarray(np.arange(SIDE * SIDE).reshape(SIDE, SIDE) + number, ("float32", "int32")[number % 2])

    return rewrite(nnx, root, change)


def coordinates(mesh: Any) -> Iterator[dict[str, int]]:
    """The coordinates of every device of a mesh, by axis."""
    for place in np.ndindex(*mesh.shape.values()):
        yield dict(zip(mesh.shape, map(int, place), strict=True))


def block_of(mesh: Any, layout: Sequence[str], at: dict[str, int], shape: Sequence[int]) -> tuple[slice, ...]:
    """Which part of an array of that shape the device at these coordinates has."""
    found = []
    for names, extent in zip(layout, shape, strict=True):
        index, parts = 0, 1
        for name in names:
            index, parts = index * mesh.shape[name] + at[name], parts * mesh.shape[name]
        found.append(slice(index * (extent // parts), (index + 1) * (extent // parts)))
    return tuple(found)


def assembled(mesh: Any, layout: Sequence[str], blocks: Sequence[Any]) -> Any:
    """The array whose parts the devices have, given in the order of `coordinates`."""
    parts = [int(np.prod([mesh.shape[name] for name in names])) for names in layout]
    whole = np.empty([n * extent for n, extent in zip(parts, blocks[0].shape, strict=True)], blocks[0].dtype)
    for at, block in zip(coordinates(mesh), blocks, strict=True):
        whole[block_of(mesh, layout, at, whole.shape)] = np.asarray(block)
    return jnp.asarray(whole)


def chosen_trees(nnx: Any, mesh: Any, plan: tuple[tuple[int, int], ...]) -> list[tuple[Any, tuple[str, ...]]]:
    """Filters as neutral trees with a layout each, by numbers; the last one matches everything.

    None looks at the path, so that all aliases of a leaf have the same layout.
    """
    trees = (
        ("type", nnx.Param),
        ("of-type", nnx.BatchStat),
        ("with-tag", "t"),
        ("not", ("type", nnx.Param)),
        ("any-of", ("type", nnx.Cache), ("tag", "u")),
        ("all", ...),
    )
    return [(trees[which % len(trees)], layout_on(mesh, number)) for which, number in plan]


def layout_at(nnx: Any, trees: Sequence[tuple[Any, tuple[str, ...]]], path: Any, leaf: Any) -> tuple[str, ...]:
    """The layout of the first filter that matches a leaf."""
    return next(layout for tree, layout in trees if matches(nnx, tree, path, leaf))


def live_filters(nnx: Any, trees: Sequence[tuple[Any, tuple[str, ...]]]) -> list[tuple[Any, tuple[str, ...]]]:
    """The same with the backend's own filters."""
    return [(live_filter(nnx, tree), layout) for tree, layout in trees]


def misplaced(nnx: Any, root: Any, wanted: Any) -> list[str]:
    """The arrays of a graph that do not lie as wanted, in words.

    Args:
        nnx: the backend.
        root: the graph.
        wanted: gives the sharding for path and leaf, or None where it is free.
    """
    found: list[str] = []

    def look(path: Any, leaf: Any, x: Any) -> Any:
        sharding = wanted(path, leaf)
        if sharding is not None and not x.sharding.is_equivalent_to(sharding, x.ndim):
            found.append(f"{'.'.join(map(str, path))}: {x.sharding}")
        return x

    rewrite(nnx, root, look)
    return found


def placed(nnx: Any, root: Any, wanted: Any) -> Any:
    """A graph with its arrays laid as wanted, in place."""
    return rewrite(nnx, root, lambda path, leaf, x: jax.device_put(x, wanted(path, leaf)))
