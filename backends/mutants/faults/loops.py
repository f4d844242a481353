"""Faults of while_loop and fori_loop."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "while-condition-unchecked",
        "while_loop takes a bound method as condition.",
        "transforms.loops",
        '    check_function(cond_fun, "while_loop", "cond_fun")\n',
        "",
        ("transform.bound-methods-rejected",),
    ),
    Fault(
        "loop-does-not-look-at-structure",
        "A loop body may change references and statics; what comes back is that of one iteration.",
        "transforms.loops",
        "    if found is not None:\n        key, before, now = found",
        "    if found is not None and number < 0:\n        key, before, now = found",
        ("loop.reference-changes", "loop.static-changes"),
        source="google/flax#4343",
    ),
    Fault(
        "loop-result-of-another-object",
        "A loop body may return other objects than it was given.",
        "transforms.loops",
        "    if found is not None:\n        for keys, x in record.refs:",
        (
            "    if found is not None and len(record.defs) != len(program.records[0]):\n"
            "        for keys, x in record.refs:"
        ),
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
        "fori-index-unsigned",
        "The index of fori_loop is unsigned.",
        "transforms.loops",
        "lambda value: body(i, value)",
        'lambda value: body(i.astype("uint32"), value)',
        ("fori.options",),
    ),
    Fault(
        "fori-unroll-ignored",
        "unroll is not handed on.",
        "transforms.loops",
        "step, groups[0], **options.by_name)",
        "step, groups[0])",
        ("fori.bad-options",),
    ),
    Fault(
        "while-takes-vectors",
        "A condition that is no scalar means that all of it is true.",
        "transforms.loops",
        "return condition(enter(call, [leaves]).args[0])",
        "return jax.numpy.all(jax.numpy.asarray(condition(enter(call, [leaves]).args[0])))",
        ("while.options",),
    ),
    Fault(
        "while-stops-gradients",
        "Through a while_loop every gradient is zero.",
        "transforms.loops",
        "lambda leaves: state.step(leaves, body), groups[0]))",
        "lambda leaves: state.step(leaves, body), jax.lax.stop_gradient(groups[0])))",
        ("loop.reverse-mode-while",),
    ),
    Fault(
        "loop-types-promoted",
        "Loops cast the state back to its dtypes.",
        "transforms.loops",
        "        check_types(type_difference(self.call.program, leaves, after))\n",
        (
            '        after = [new.astype(old.dtype) if hasattr(new, "astype") and hasattr(old, '
            '"dtype") and new.dtype != old.dtype else new for old, new in zip(leaves, after, strict=True)]\n'
        ),
        ("while.options",),
        source="chaobrain/brainstate#203",
    ),
)
