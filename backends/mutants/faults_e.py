"""Faults of scan, while_loop, fori_loop, cond and switch."""

from __future__ import annotations

from .faults import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "scan-stacks-along-the-first-axis",
        "What a scan stacks has its axis in front, whatever the axis is.",
        "transforms.scan",
        "changed = self._move(stacked, lambda x, axis: jnp.moveaxis(x, 0, axis))",
        "changed = self._move(stacked, lambda x, axis: x)",
        ("scan.equals-loop", "scan.state-axes"),
    ),
    Fault(
        "scan-forgets-direction",
        "A scan ignores reverse.",
        "transforms.scan",
        '"reverse": reverse, "unroll"',
        '"reverse": False, "unroll"',
        ("scan.equals-loop", "scan.state-axes"),
    ),
    Fault(
        "scan-allows-none-as-output-axis",
        "None is let through as the axis of an output.",
        "transforms.scan",
        '        if spec is None:\n            raise ValueError(f"outputs of a scan',
        '        if spec is False:\n            raise ValueError(f"outputs of a scan',
        ("scan.spec-errors",),
    ),
    Fault(
        "scan-changes-in-no-iteration",
        "What the body changes comes back even if it never ran.",
        "transforms.scan",
        "if length == 0:",
        "if length == -1:",
        ("scan.equals-loop",),
    ),
    Fault(
        "loop-does-not-look-at-structure",
        "A loop body may change references and statics; what comes back is that of one iteration.",
        "transforms.loops",
        "    if found is not None:\n        key, before, now = found",
        "    if found is not None and number < 0:\n        key, before, now = found",
        ("loop.reference-changes", "loop.static-changes"),
    ),
    Fault(
        "loop-result-of-another-object",
        "A loop body may return other objects than it was given.",
        "transforms.loops",
        "if structure_key(record.defs) != structure_key(tuple(before)):",
        "if len(record.defs) != len(tuple(before)):",
        ("loop.body-identity", "scan.carry-identity"),
    ),
    Fault(
        "fori-starts-at-zero",
        "fori_loop runs from zero.",
        "transforms.loops",
        "jax.lax.fori_loop(lower, upper, step, groups[0]",
        "jax.lax.fori_loop(0, upper, step, groups[0]",
        ("fori.equals-loop",),
    ),
    Fault(
        "scan-forgets-broadcast-state",
        "Every iteration of a scan gets the state that the first one got.",
        "transforms.scan",
        "            state, replaced = self._next(inside, out)\n            return state,",
        "            _, replaced = self._next(inside, out)\n            return state,",
        ("scan.broadcast-state", "rng.scan-broadcast", "scan.equals-loop"),
    ),
    Fault(
        "while-condition-writes",
        "What the condition changes goes into the first iteration.",
        "transforms.loops",
        "lambda leaves: state.step(leaves, body), groups[0]",
        "lambda leaves: state.step(leaves, lambda v: (condition(v), body(v))[1]), groups[0]",
        ("while.condition-effects",),
    ),
    Fault(
        "while-loop-body-twice",
        "Each iteration of while_loop runs the body twice.",
        "transforms.loops",
        "return state.result(jax.lax.while_loop(proceed, lambda leaves: state.step(leaves, body)",
        "return state.result(jax.lax.while_loop(proceed, lambda leaves: state.step(state.step(leaves, body), body)",
        ("while.equals-loop",),
    ),
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
        ("cond.chosen-branch-only", "switch.clamped"),
    ),
    Fault(
        "cond-takes-the-structure-of-the-first",
        "Branches are not compared; the structure of the first one counts.",
        "transforms.branches",
        "if other != program:",
        "if other is None:",
        ("cond.branches-agree",),
    ),
)
"""Faults of loops and branches."""
