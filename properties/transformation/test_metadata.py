"""Inputs for the laws of metadata under transforms."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation import metadata

from ..strategies import PLAIN, graphs
from ..strategies.spread import bind_spread

FILLED = (*PLAIN, "raw-arrays", "values", "rngs", "non-pytrees", "metadata")
axes = st.sampled_from((0, 1, 2, -1, -2))

test_variable_axis_metadata = bind_spread(
    metadata.axis_metadata,
    20,
    make=graphs(*FILLED, max_chunks=1),
    entry=st.sampled_from(("axes", "out_sharding")),
    axis=axes,
    out=st.sampled_from((0, 1, 2, -1)),
    transform=st.sampled_from(("vmap", "scan", "pmap")),
    explicit=st.sampled_from((False, True, "plain")),
    writes=st.booleans(),
    unnamed=st.booleans(),
    decorator=st.booleans(),
    scale=0.3,
)
test_variable_axis_hooks = bind_spread(
    metadata.axis_hooks,
    12,
    transform=st.sampled_from(("vmap", "scan")),
    axis=st.integers(0, 2),
    out=st.integers(0, 2),
    explicit=st.booleans(),
    where=st.sampled_from(("one", "several", "class")),
    scale=0.2,
)
test_variable_metadata_propagates_lifted = bind_spread(
    metadata.metadata_propagates,
    24,
    transform=st.sampled_from(metadata.LIFTED),
    operation=st.sampled_from(("set", "change", "delete")),
    writes=st.booleans(),
    hidden=st.booleans(),
    scale=0.3,
)
