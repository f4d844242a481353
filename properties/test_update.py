"""Inputs for the laws of update."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.split_and_merge import update
from nnxspec.spec.script.filters import FilterTree

from .strategies import PLAIN, arrays, float_arrays, graphs, leaves, metadata, partitions, small
from .strategies.edits import edits

# A raw array inside an immutable container cannot be updated.
updatable = graphs(*PLAIN, "containers") | graphs(*PLAIN, "raw-arrays", "values")
values = st.lists(arrays(), min_size=1, max_size=3).map(tuple)
trees = partitions().map(lambda filters: tuple(map(FilterTree, filters)))
numbers = st.lists(small, max_size=5).map(tuple)
order = st.lists(small, min_size=1, max_size=5).map(tuple)
links = st.lists(st.integers(0, 2), max_size=3).map(tuple)
holders = leaves("jax", "numpy", "key", "python", "weak")

test_update_sets_values = bind(update.sets_values, make=updatable, values=values)
test_update_local = bind(update.local, make=updatable, first=numbers, second=numbers, values=values)
test_update_partition_order = bind(update.partition_order, make=updatable, trees=trees, order=order, values=values)
test_update_metadata_and_type = bind(
    update.metadata_and_type,
    value=leaves(),
    new=arrays(),
    metadata=metadata(),
    new_metadata=metadata(),
    other_type=st.booleans(),
    depth=st.integers(0, 2),
)
test_update_alias_path = bind(
    update.alias_path, make=graphs(*PLAIN), value=arrays(), other=arrays(), pick=small, backwards=st.booleans()
)
test_update_unknown_key_uniform = bind(update.unknown_key_uniform, make=graphs(*PLAIN), pick=small, value=arrays())
test_update_mismatch_rejected = bind(
    update.mismatch_rejected, links=links, kind=st.integers(0, 11), value=float_arrays() | arrays()
)
test_update_root_rejected = bind(
    update.root_rejected, value=holders, kind=st.integers(0, 2), many=st.integers(0, 2), empty=st.integers(0, 2)
)
test_update_atomic = bind(
    update.atomic,
    make=updatable,
    edit=edits(),
    kind=st.integers(0, 11),
    order=order,
    value=float_arrays(),
    values=st.lists(arrays(shape=(3,)), min_size=1, max_size=3).map(tuple),
)
test_update_trace_checked = bind(
    update.trace_checked,
    links=links,
    kind=st.integers(0, 5),
    variable=st.booleans(),
    transform=st.integers(0, 2),
    scale=0.5,
)
