"""Inputs for the laws of the trace level."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import trace

from ..strategies import graphs, small
from ..strategies.programs import PLAIN_LAYERS, STRUCTURE, WORLD, layers, programs

WRITES = ("add", "combine", "write-index", "set-value", "set-metadata", "draw", "read", "vary")
FLAT = ("body-outputs",)

# Without axes: what is captured has none.
stacks = layers(axes=(None,)) | layers(depth=2, axes=(None,))

test_trace_variable_writes_rejected = bind(
    trace.variable_writes_rejected, case=st.tuples(stacks, programs(*FLAT, only=WRITES, max_steps=2))
)
test_trace_structure_changes_rejected = bind(
    trace.structure_changes_rejected,
    case=st.tuples(
        stacks,
        # What is taken away alone, too: next to what is set, which is refused first, it would hardly be seen.
        programs(*FLAT, only=STRUCTURE, max_steps=2) | programs(*FLAT, only=("delete", "pop-item"), max_steps=1),
    ),
)
test_trace_update_and_pop_rejected = bind(
    trace.update_and_pop_rejected,
    layers=stacks,
    make=graphs(*WORLD, "containers", max_chunks=2),
    which=st.sampled_from(("update", "pop")),
    scale=0.5,
)
test_trace_metadata_changes_rejected = bind(
    trace.metadata_changes_rejected,
    layers=stacks,
    how=st.sampled_from(("delete", "by keyword", "by name", "all")),
    scale=0.5,
)
test_trace_reads_allowed = bind(trace.reads_allowed, layers=stacks, make=graphs(*WORLD, max_chunks=2), scale=0.5)
test_trace_return_captured_rejected = bind(
    trace.return_captured_rejected,
    layers=layers(*PLAIN_LAYERS, "vmap", "scan", axes=(None,)),
    make=graphs(*WORLD, max_chunks=2),
    pick=small,
    wrapped=st.integers(0, 2),
    scale=0.5,
)
test_trace_leaked_objects = bind(
    trace.leaked_objects,
    layers=layers(axes=(None,)),
    p=programs(*FLAT, only=(*WRITES, *STRUCTURE), max_steps=1),
    scale=0.5,
)
