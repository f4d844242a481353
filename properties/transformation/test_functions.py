"""Inputs for the laws of the function that is given to a transform."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation import functions

from ..strategies.spread import bind_spread

test_transform_bound_methods_rejected = bind_spread(
    functions.bound_methods_rejected,
    24,
    scale=0.5,
    position=st.sampled_from(functions.POSITIONS),
    layers=st.integers(0, 2),
    inner=st.booleans(),
)
test_transform_methods = bind_spread(
    functions.methods,
    16,
    scale=0.2,
    transform=st.sampled_from(functions.METHODS),
    how=st.sampled_from(("instance", "class", "subclass", "super", "stored")),
)
