"""Faults of what keeps traces apart."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "trace-guard-off",
        "Objects of another trace may be changed.",
        "tracers",
        "if not self._trace == current_trace():",
        "if False:",
        (
            "update.trace-checked",
            "rng.captured-stream-rejected",
            "transform.no-tracer-leak",
            "trace.variable-writes-rejected",
        ),
    ),
    Fault(
        "captured-metadata-deletable",
        "Metadata of a Variable of another trace may be deleted.",
        "variable",
        "        self._trace_state.check(self)\n        if name in self.required_metadata:\n",
        "        if name in self.required_metadata:\n",
        ("trace.metadata-changes-rejected",),
    ),
    Fault(
        "captured-nodes-writable",
        "Nodes of another trace may get and lose attributes.",
        "pytree",
        "        if not self._pytree__trace.is_valid():",
        "        if False:",
        ("trace.structure-changes-rejected",),
    ),
    Fault(
        "captured-reads-refused",
        "A Variable of another trace cannot be read.",
        "variable",
        "        value: Any = self._raw_value\n        if index is not MISSING",
        "        self._trace_state.check(self)\n        value: Any = self._raw_value\n        if index is not MISSING",
        ("trace.reads-allowed",),
    ),
    Fault(
        "captured-objects-returned",
        "A transform may return objects that were captured.",
        "transforms.lift",
        "            elif number >= len(self.before):\n",
        "            elif False:\n",
        ("trace.return-captured-rejected",),
        source="google/flax#4007",
    ),
    Fault(
        "leaked-objects-writable",
        "Outside of all traces every object may be changed.",
        "tracers",
        "        if not self._trace == current_trace():",
        (
            "        from jax._src.core import trace_ctx  # no public name says it\n"
            "\n"
            "        if not (self._trace == current_trace() or trace_ctx.is_top_level()):"
        ),
        ("trace.leaked-objects",),
        source="patrick-kidger/equinox#312",
    ),
)
