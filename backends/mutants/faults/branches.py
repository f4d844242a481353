"""Faults of cond and switch."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "switch-starts-at-one",
        "switch counts its branches from one.",
        "transforms.branches",
        "return jax.lax.switch(index, branches, leaves)",
        "return jax.lax.switch(index - 1, branches, leaves)",
        ("switch.clamped",),
    ),
    Fault(
        "cond-keeps-what-one-branch-keeps",
        "An object that one branch leaves alone does not come back from the others.",
        "transforms.branches",
        "kept = [all(flags) for flags in",
        "kept = [any(flags) for flags in",
        ("switch.clamped", "cond.chosen-branch-only"),
    ),
    Fault(
        "cond-takes-the-structure-of-the-first",
        "Branches are not compared; the structure of the first one counts.",
        "transforms.branches",
        "if other != program:",
        "if other is None:",
        ("cond.branches-agree",),
    ),
    Fault(
        "cond-one-is-true",
        "A predicate is true if it is one.",
        "transforms.branches",
        "jax.lax.cond(pred, *branches, leaves)",
        "jax.lax.cond(pred == 1, *branches, leaves)",
        ("cond.options",),
    ),
    Fault(
        "cond-takes-vectors",
        "A predicate that is no scalar is true if any of it is.",
        "transforms.branches",
        "jax.lax.cond(pred, *branches, leaves)",
        "jax.lax.cond(jax.numpy.any(pred), *branches, leaves)",
        ("cond.bad-options",),
    ),
    Fault(
        "switch-wraps",
        "An index out of range wraps around.",
        "transforms.branches",
        "jax.lax.switch(index, branches, leaves)",
        "jax.lax.switch(index % len(branches), branches, leaves)",
        ("switch.options", "switch.clamped"),
    ),
    Fault(
        "cond-takes-the-other-branch",
        "cond runs the first function if the predicate is false.",
        "transforms.branches",
        "jax.lax.cond(pred, *branches, leaves)",
        "jax.lax.cond(pred, *reversed(branches), leaves)",
        ("cond.chosen-branch-only", "cond.options"),
    ),
    Fault(
        "cond-negative-is-false",
        "A predicate is true if it is greater than zero.",
        "transforms.branches",
        "jax.lax.cond(pred, *branches, leaves)",
        "jax.lax.cond(pred if isinstance(pred, bool) or getattr(pred, 'dtype', None) == bool else pred > 0, "
        "*branches, leaves)",
        ("cond.options",),
    ),
)
