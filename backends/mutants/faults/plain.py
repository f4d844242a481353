"""Faults of remat, eval_shape and checkify."""

from __future__ import annotations

from ..fault import Fault

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
        source="google/flax#2457",
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
        "remat-traces-static-arguments",
        "static_argnums are ignored.",
        "transforms.plain",
        "statics = {n % len(args): args[n] for n in numbers}",
        "statics: dict[int, Any] = {}",
        ("remat.static-arguments",),
        source="google/flax#3946",
    ),
    Fault(
        "remat-drops-effects",
        "What the function changes in its arguments stays as it was.",
        "transforms.plain",
        "return unpack(result, groups, packed.objects)\n\n    return named(rematerialized, f)",
        (
            "return unpack(result, groups, rebuild(packed.call.program, "
            "packed.call.leaves(packed.groups))[1])\n"
            "\n"
            "    return named(rematerialized, f)"
        ),
        ("remat.transparent",),
    ),
    Fault(
        "remat-keeps-everything",
        "Nothing is recomputed: the function is called as it is.",
        "transforms.plain",
        "jax.checkpoint(traced, prevent_cse=prevent_cse, policy=policy)(packed.groups)",
        "traced(packed.groups)",
        ("remat.recomputes",),
    ),
    Fault(
        "remat-captures-keywords",
        "remat captures the arguments by name.",
        "transforms.plain",
        "fun(*all_args, **inside.kwargs)",
        "fun(*all_args, **kwargs)",
        ("transform.keyword-arguments", "transform.keyword-only-arguments"),
    ),
    Fault(
        "remat-statics-wrap",
        "static_argnums out of range wrap around.",
        "transforms.plain",
        "            if not -len(args) <= n < len(args):",
        "            if False:",
        ("remat.bad-options",),
        source="google/flax#3946",
    ),
    Fault(
        "remat-statics-off-by-one",
        "static_argnums does not count the first argument.",
        "transforms.plain",
        "statics = {n % len(args): args[n] for n in numbers}",
        "statics = {(n + 1) % len(args): args[(n + 1) % len(args)] for n in numbers}",
        ("remat.static-arguments", "remat.options"),
        source="google/flax#2457",
    ),
    Fault(
        "eval-shape-hardens",
        "The abstract result has no weak types.",
        "transforms.plain",
        "    result, groups = jax.eval_shape(traced, packed.groups)\n",
        (
            "    result, groups = jax.eval_shape(traced, packed.groups)\n"
            "    groups = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), groups)\n"
        ),
        ("eval-shape.options",),
    ),
    Fault(
        "eval-shape-runs",
        "eval_shape computes the arrays.",
        "transforms.plain",
        "    result, groups = jax.eval_shape(traced, packed.groups)\n",
        "    result, groups = jax.jit(traced)(packed.groups)\n",
        ("eval-shape.abstract-result", "eval-shape.options"),
        source="chaobrain/brainstate#155",
    ),
    Fault(
        "checkify-throws",
        "A check that fails ends the call before anything is written.",
        "transforms.plain",
        "        return error, unpack(result, groups, packed.objects)",
        (
            "        if error.get() is not None:\n"
            "            return error, None\n"
            "        return error, unpack(result, groups, packed.objects)"
        ),
        ("checkify.updates-kept",),
        source="chaobrain/brainstate#167",
    ),
)
