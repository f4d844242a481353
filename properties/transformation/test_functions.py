"""Inputs for the laws of the function that is given to a transform."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import functions

test_transform_bound_methods_rejected = bind(
    functions.bound_methods_rejected,
    scale=0.5,
    position=st.sampled_from(functions.POSITIONS),
    layers=st.integers(0, 2),
    inner=st.booleans(),
)
