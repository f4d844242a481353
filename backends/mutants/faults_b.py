"""Faults of options: of those that are handed on to jax, and of how arguments by keyword are told from others."""

from __future__ import annotations

from .faults import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "remat-forgets-policy",
        "remat computes everything again, whatever its policy says.",
        "transforms.plain",
        "jax.checkpoint(traced, prevent_cse=prevent_cse, policy=policy)",
        "jax.checkpoint(traced, prevent_cse=prevent_cse)",
        ("remat.options",),
    ),
    Fault(
        "remat-statics-not-negative",
        "remat counts negative static_argnums from one place too far to the left.",
        "transforms.plain",
        "statics = {n % len(args): args[n] for n in numbers}",
        "statics = {n % len(args) - (n < 0): args[n - (n < 0)] for n in numbers}",
        ("remat.options", "transform.negative-argnums"),
    ),
    Fault(
        "scan-forgets-reverse",
        "scan goes forwards always.",
        "transforms.scan",
        '"reverse": reverse, "unroll": unroll}',
        '"reverse": False, "unroll": unroll}',
        ("scan.options",),
    ),
    Fault(
        "checkify-forgets-errors",
        "checkify looks at the user's checks only.",
        "transforms.plain",
        "jax_checkify.checkify(traced, errors)",
        "jax_checkify.checkify(traced)",
        ("checkify.options", "checkify.automatic-checks"),
    ),
    Fault(
        "eval-shape-returns-inputs",
        "eval_shape writes abstract arrays into the arguments and gives them back.",
        "transforms.plain",
        "return unpack(result, groups, copies)",
        "return unpack(result, groups, packed.objects)",
        ("eval-shape.no-effects",),
    ),
    Fault(
        "vmap-forgets-axis-name",
        "vmap does not name its axis.",
        "transforms.vmap",
        'options = {"axis_name": axis_name, "axis_size": axis_size, "spmd_axis_name": spmd_axis_name}',
        'options = {"axis_name": None, "axis_size": axis_size, "spmd_axis_name": spmd_axis_name}',
        ("vmap.options",),
    ),
)
