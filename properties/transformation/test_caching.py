"""Inputs for the laws of what transforms keep between calls."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import caching

from ..strategies import PLAIN, graphs

ARGUMENTS = (*PLAIN, "abstract", "numpy", "values", "pytree-values")
"""Limits for graphs whose leaves are the same before and after any call."""
SHOWN = ("cycles",)
"""Limits for graphs that a refusal may show: what `repr` makes of a cycle is the subject of `module.repr-pure`."""

orders = st.lists(st.integers(0, 5), min_size=1, max_size=2).map(lambda drawn: (*drawn, drawn[0]))

test_transform_cached = bind(
    caching.cached,
    scale=0.16,
    make=graphs(*ARGUMENTS, max_chunks=2),
    transform=st.sampled_from(caching.KEEPING),
    order=orders,
    gone=st.sampled_from((0, 2, 3)),
)
test_cond_cached = bind(
    caching.control_flow_cached,
    scale=0.16,
    make=graphs(*ARGUMENTS, max_chunks=2),
    transform=st.sampled_from(caching.CHOOSING),
    order=orders,
    gone=st.sampled_from((0, 2, 3)),
)
test_jit_cached_partial = bind(
    caching.cached_partial,
    scale=0.16,
    make=graphs(*ARGUMENTS, "raw-arrays", *SHOWN, max_chunks=2),
    amounts=st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple),
    change=st.sampled_from(caching.CHANGES),
    temporary=st.booleans(),
)
