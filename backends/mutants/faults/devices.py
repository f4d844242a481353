"""Faults of pmap and shard_map."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "pmap-ignores-prefixes",
        "pmap maps every leaf over axis 0, whatever its prefix says.",
        "transforms.vmap",
        "lanes = jax.pmap(renamed(traced, f), in_axes=(None, None, values), out_axes=(None, values), **options)",
        "lanes = jax.pmap(renamed(traced, f), in_axes=(None, None, 0), out_axes=(None, 0), **options)",
        ("pmap.as-vmap",),
    ),
    Fault(
        "pmap-axes-count-statics",
        "pmap takes in_axes as if they had no entries for static arguments.",
        "transforms.vmap",
        "tuple(x for i, x in enumerate(in_axes) if i not in numbers) if nested else in_axes, out_axes, 0)",
        "tuple(in_axes) if nested else in_axes, out_axes, 0)",
        ("pmap.as-vmap",),
    ),
    Fault(
        "pmap-takes-default-devices",
        "pmap leaves it to jax on which devices the lanes are.",
        "transforms.vmap",
        '{"axis_name": axis_name, "devices": devices, "backend": backend, "axis_size": axis_size}',
        '{"axis_name": axis_name, "devices": None, "backend": backend, "axis_size": axis_size}',
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
    Fault(
        "shard-map-decorator-checks",
        "shard_map as decorator forgets that the check is switched off.",
        "transforms.vmap",
        "return functools.partial(shard_map, in_specs=in_specs, out_specs=out_specs, **options)",
        'return functools.partial(shard_map, in_specs=in_specs, out_specs=out_specs, **{**options, "check_vma": True})',
        ("shard-map.replicated-writes",),
    ),
    Fault(
        "shard-map-knows-all-axes",
        "shard_map forgets which axes of the mesh the function is to know.",
        "transforms.vmap",
        '{"mesh": mesh, "check_vma": check_vma, "axis_names": axis_names}',
        '{"mesh": mesh, "check_vma": check_vma}',
        ("shard-map.replicated-writes",),
    ),
)
