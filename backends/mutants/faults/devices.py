"""Faults of pmap and shard_map."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "pmap-ignores-prefixes",
        "pmap maps every leaf over axis 0, whatever its prefix says.",
        "transforms.vmap",
        "lanes = jax.pmap(renamed(traced, f), in_axes=(None, values), out_axes=(None, values), **options)",
        "lanes = jax.pmap(renamed(traced, f), in_axes=(None, 0), out_axes=(None, 0), **options)",
        ("pmap.as-vmap",),
    ),
    Fault(
        "shard-map-specs-in-reverse",
        "shard_map gives the first group of leaves the spec of the last.",
        "transforms.vmap",
        "specs = [whole if spec is None else spec for spec in axes.values]",
        "specs = [whole if spec is None else spec for spec in reversed(axes.values)]",
        ("shard-map.blockwise",),
    ),
    Fault(
        "shard-map-unchecked",
        "shard_map takes any block of what should be the same in all.",
        "transforms.vmap",
        '{"mesh": mesh, "check_vma": check_vma, "axis_names": axis_names}',
        '{"mesh": mesh, "check_vma": False, "axis_names": axis_names}',
        ("shard-map.replicated-writes",),
    ),
)
