"""Faults of custom_vjp."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "custom-vjp-output-without-metadata",
        "A Variable in the gradient of the output has no metadata.",
        "transforms.custom_vjp",
        "copy_containers(head.metadata)",
        "{}",
        ("custom-vjp.outputs",),
    ),
    Fault(
        "custom-vjp-updates-lost",
        "The backward function is told that updates have no gradient.",
        "transforms.custom_vjp",
        "value = made[0].from_metadata(of_object.get(holder, [value])[0], made[1])",
        "value = made[0].from_metadata(value, made[1])",
        ("custom-vjp.user-rule",),
    ),
    Fault(
        "custom-vjp-nodes-as-constants",
        "An int in nondiff_argnums may point at a node.",
        "transforms.custom_vjp",
        "for i in sorted(nondiff):\n            if any(",
        "for i in ():\n            if any(",
        ("custom-vjp.nondiff-nodes",),
    ),
    Fault(
        "custom-vjp-constants-lost",
        "The backward rule does not get the constants.",
        "transforms.custom_vjp",
        "bwd(*self.nondiff.values(), rebuild(",
        "bwd(rebuild(",
        ("custom-vjp.options",),
    ),
    Fault(
        "custom-vjp-selects-the-rest",
        "A DiffState selects what its filter does not match.",
        "transforms.custom_vjp",
        "bool(self.predicate(path, leaf)) and super().axis_of(path, leaf)",
        "not self.predicate(path, leaf) and super().axis_of(path, leaf)",
        ("custom-vjp.diff-state",),
    ),
    Fault(
        "custom-vjp-rule-missing-value-error",
        "A missing rule is refused with TypeError.",
        "transforms.custom_vjp",
        "            raise AttributeError(\n",
        "            raise TypeError(\n",
        ("custom-vjp.rule-missing",),
    ),
    Fault(
        "custom-vjp-untold-tangents-kept",
        "Where the rule gives no tangent the gradient is one.",
        "transforms.custom_vjp",
        "[jax.tree.map(jnp.zeros_like, leaf) for leaf in diff]",
        "[jax.tree.map(jnp.ones_like, leaf) for leaf in diff]",
        ("custom-vjp.user-rule",),
    ),
)
