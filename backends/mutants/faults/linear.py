"""Faults of jvp and vjp."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "vjp-float0-lost",
        "Cotangents of leaves that are not inexact are the leaves themselves.",
        "transforms.linear",
        "return jax.tree.map(lambda x: np.zeros(np.shape(x), jax.dtypes.float0) if is_array_like(x) else x, leaf)",
        "return leaf",
        ("vjp.matches-jax",),
    ),
    Fault(
        "jvp-tangents-reversed",
        "Tangents go to the leaves in reverse order.",
        "transforms.linear",
        "directions.append(given[path])",
        "directions.insert(0, given[path])",
        ("jvp.matches-jax",),
    ),
    Fault(
        "vjp-cotangent-of-any-structure",
        "A cotangent is taken apart into leaves, whatever its structure.",
        "transforms.linear",
        "if len(records) != len(program.records) or Program(r.defs for r in records) != program:",
        "if len(records) != len(program.records):",
        ("vjp.cotangents-fit",),
    ),
    Fault(
        "jvp-loses-aux",
        "jvp does not return the aux.",
        "transforms.linear",
        "return (out, tangent, aux) if has_aux else (out, tangent)",
        "return (out, tangent)",
        ("jvp.options",),
    ),
    Fault(
        "jvp-missing-tangents-are-zero",
        "A tangent that is missing is zero.",
        "transforms.linear",
        "        if path not in given:\n",
        (
            "        if path not in given:\n"
            "            directions.append(jax.tree.map(jnp.zeros_like, _by_path(packed, only=True)[path]))\n"
            "            continue\n"
            "        if path not in given:\n"
        ),
        ("jvp.tangents-fit", "jvp.bad-options"),
        budget=300,
    ),
    Fault(
        "vjp-pulls-back-once",
        "The second call of a pullback finds nothing left.",
        "transforms.linear",
        "call.leaves([rest, cotangents])",
        "call.leaves([[rest.pop(0) for _ in list(rest)], cotangents])",
        ("vjp.options", "vjp.matches-jax"),
    ),
    Fault(
        "vjp-effects-lost",
        "What the function changes under vjp stays as it was.",
        "transforms.linear",
        "    out, aux = unpack(result, groups, packed.objects)\n\n    def pull_back",
        (
            "    out, aux = unpack(result, groups, rebuild(call.program, call.leaves(packed.groups))[1])\n"
            "\n"
            "    def pull_back"
        ),
        ("vjp.matches-jax",),
    ),
    Fault(
        "vjp-cotangents-converted",
        "Cotangents are converted to float32.",
        "transforms.linear",
        "(cotangents,) = transpose([leaf for record in records for leaf in record.leaves])",
        (
            "(cotangents,) = transpose([jnp.asarray(x, jnp.float32) if isinstance(x, jax.Array) else x "
            "for record in records for x in record.leaves])"
        ),
        ("vjp.bad-options",),
    ),
    Fault(
        "vjp-structures-refused-otherwise",
        "A cotangent of another structure is refused with LookupError.",
        "transforms.linear",
        'raise ValueError("the cotangent has another structure',
        'raise LookupError("the cotangent has another structure',
        ("vjp.cotangents-fit", "vjp.bad-options"),
    ),
    Fault(
        "jvp-drops-tangents",
        "Tangents without a primal are dropped.",
        "transforms.linear",
        "    if len(primals) != len(tangents):",
        "    if len(primals) > len(tangents):",
        ("jvp.tangents-fit",),
    ),
)
