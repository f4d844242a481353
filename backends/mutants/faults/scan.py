"""Faults of scan."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "scan-forgets-reverse",
        "scan goes forwards always.",
        "transforms.scan",
        '"reverse": reverse, "unroll": unroll}',
        '"reverse": False, "unroll": unroll}',
        ("scan.options",),
    ),
    Fault(
        "scan-stacks-along-the-first-axis",
        "What a scan stacks has its axis in front, whatever the axis is.",
        "transforms.scan",
        "changed = self._move(stacked, lambda x, axis: jnp.moveaxis(x, 0, axis))",
        "changed = self._move(stacked, lambda x, axis: x)",
        ("scan.equals-loop", "scan.state-axes"),
        source="google/flax#3460",
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
        "scan-forgets-broadcast-state",
        "Every iteration of a scan gets the state that the first one got.",
        "transforms.scan",
        "            state, replaced = self._next(inside, out)\n            return state,",
        "            _, replaced = self._next(inside, out)\n            return state,",
        ("scan.broadcast-state", "rng.scan-broadcast", "scan.equals-loop"),
    ),
    Fault(
        "scan-length-ignored",
        "A length that contradicts the slices is ignored.",
        "transforms.scan",
        "jax.lax.scan(body, state, slices, **self.options)",
        (
            'jax.lax.scan(body, state, slices, **(self.options | {"length": None} if '
            "jax.tree.leaves(slices) else self.options))"
        ),
        ("scan.bad-options",),
        source="google/flax#3925",
    ),
    Fault(
        "scan-structure-unchecked",
        "The body of a scan may change structure and statics.",
        "transforms.scan",
        "            check_structure(program, number, defs)\n",
        "",
        ("scan.carry-structure",),
    ),
    Fault(
        "scan-carry-types-promoted",
        "A carry of another dtype is cast back.",
        "transforms.scan",
        "        check_types(type_difference(program, inside.leaves, leaves, among=is_state))\n",
        (
            '        leaves = [new.astype(old.dtype) if hasattr(new, "astype") and hasattr(old, '
            '"dtype") and new.dtype != old.dtype else new for old, new in zip(inside.leaves, leaves, '
            "strict=True)]\n"
        ),
        ("scan.carry-structure",),
        source="chaobrain/brainstate#203",
    ),
    Fault(
        "scan-negative-axis-misplaced",
        "What is stacked along a negative axis lies one axis too far to the left.",
        "transforms.scan",
        "changed = self._move(stacked, lambda x, axis: jnp.moveaxis(x, 0, axis))",
        (
            "changed = self._move(stacked, lambda x, axis: jnp.moveaxis(x, 0, max(axis - 1, -x.ndim) "
            "if axis < 0 else axis))"
        ),
        ("scan.equals-loop", "scan.state-axes"),
        source="google/flax#3460",
    ),
    Fault(
        "scan-of-nothing-changes-state",
        "A scan without iterations leaves what the body would have left.",
        "transforms.scan",
        "        if length == 0:\n",
        "        if length < 0:\n",
        ("scan.no-iterations",),
    ),
    Fault(
        "scan-slices-along-the-second-axis",
        "Where no axes are given, scan takes slices along the second one.",
        "transforms.scan",
        "    in_axes: Any = (Carry, 0),\n",
        "    in_axes: Any = (Carry, 1),\n",
        ("scan.options",),
    ),
    Fault(
        "scan-swaps-axes-of-outputs",
        "The axis of iterations is swapped with the first one, and not moved to its place.",
        "transforms.scan",
        "lambda x, axis: jnp.moveaxis(x, 0, axis)",
        "lambda x, axis: jnp.swapaxes(x, 0, axis)",
        ("scan.options",),
    ),
)
