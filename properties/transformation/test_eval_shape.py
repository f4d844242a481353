"""Inputs for the laws of `eval_shape`."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import eval_shape

from ..strategies.graphs import PLAIN, graphs
from ..strategies.programs import programs

test_eval_shape_abstract_result = bind(
    eval_shape.abstract_result,
    make=graphs(*PLAIN, "abstract", "values", "numpy"),
    how=st.sampled_from(("constructor", "argument", "keyword")),
)
test_eval_shape_no_effects = bind(eval_shape.no_effects, scale=0.6, p=programs() | programs(raising=True))
