"""Inputs for the laws of `make_jaxpr`."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import make_jaxpr

from ..strategies.graphs import TREES, graphs

test_make_jaxpr_inputs = bind(
    make_jaxpr.inputs,
    make=graphs(*TREES, "non-pytrees", "abstract", "values", "numpy", "containers", "pytree-values"),
    number=st.integers(0, 2),
)
