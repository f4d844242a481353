"""Faults of vmap."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "vmap-forgets-axis-name",
        "vmap does not name its axis.",
        "transforms.vmap",
        'options = {"axis_name": axis_name, "axis_size": axis_size, "spmd_axis_name": spmd_axis_name}',
        'options = {"axis_name": None, "axis_size": axis_size, "spmd_axis_name": spmd_axis_name}',
        ("vmap.options",),
    ),
    Fault(
        "vmap-puts-lanes-first",
        "Whatever had an axis comes back with the lanes in front.",
        "transforms.vmap",
        "out_axes=(None, list(axes.values)), **options)\n        try:",
        "out_axes=(None, [None if a is None else 0 for a in axes.values]), **options)\n        try:",
        ("vmap.shapes", "vmap.state-axes"),
        source="patrick-kidger/equinox#118",
    ),
    Fault(
        "vmap-negative-axes-positive",
        "A negative axis is taken without its sign.",
        "transforms.vmap",
        "        lanes = jax.vmap(traced, in_axes=(list(axes.values),)",
        "        lanes = jax.vmap(traced, in_axes=([abs(a) if isinstance(a, int) else a for a in axes.values],)",
        ("vmap.shapes", "vmap.axis"),
        source="google/flax#3460",
    ),
    Fault(
        "vmap-missing-axis-index-error",
        "A leaf without the axis is refused with IndexError.",
        "transforms.lift",
        '                raise ValueError(\n                    f"{place(site.top',
        '                raise IndexError(\n                    f"{place(site.top',
        ("vmap.rank-error",),
        source="google/flax#4355",
    ),
    Fault(
        "vmap-axes-cut-off",
        "Axes for arguments that are not there are ignored.",
        "transforms.prefixes",
        "        if found.keys != parts.keys:",
        (
            "        if len(found.keys) < len(parts.keys):\n"
            "            parts = parts._replace(keys=found.keys, values=list(parts.values)[: "
            "len(found.keys)])\n"
            "        if found.keys != parts.keys:"
        ),
        ("vmap.bad-options", "transform.wrong-prefixes"),
        source="patrick-kidger/equinox#118",
    ),
    Fault(
        "vmap-created-along-first",
        "What is created under vmap has its axis in front.",
        "transforms.vmap",
        "out_axes=(None, list(axes.values)), **options)\n        try:",
        "out_axes=(None, [0 if isinstance(a, int) else a for a in axes.values]), **options)\n        try:",
        ("vmap.creation",),
        source="patrick-kidger/equinox#118",
    ),
    Fault(
        "vmap-lane-dependence-refused-otherwise",
        "A write that depends on the lane is refused with TypeError.",
        "transforms.vmap",
        '            raise ValueError(\n                f"{place(site.top + site.path)} has no axis',
        '            raise TypeError(\n                f"{place(site.top + site.path)} has no axis',
        ("vmap.broadcast-state", "vmap.creation"),
    ),
    Fault(
        "vmap-writes-on-failure",
        "When the function raises under vmap, what it did until then is written.",
        "transforms.vmap",
        "            result, groups = inside.leave(fun(*inside.args, **inside.kwargs))\n            last[:]",
        (
            "            try:\n"
            "                out = fun(*inside.args, **inside.kwargs)\n"
            "            except Exception:\n"
            "                for mine, yours in zip(inside.objects, packed.objects, strict=True):\n"
            '                    if hasattr(yours, "_raw_value"):\n'
            '                        object.__setattr__(yours, "_raw_value", mine._raw_value)\n'
            "                raise\n"
            "            result, groups = inside.leave(out)\n"
            "            last[:]"
        ),
        ("transform.exception-safe", "transform.no-tracer-leak"),
        source="chaobrain/brainstate#203",
    ),
)
