"""Inputs for the laws of `eval_shape`."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import eval_shape

from ..strategies.graphs import PLAIN, graphs
from ..strategies.programs import programs

LEAVES = (*PLAIN, "abstract", "values", "numpy")
"""Limits. Nothing says of a raw abstract leaf on a node without statuses that it is data, so one of both is out."""
MARKED = (*LEAVES, "non-pytrees", "bare-arrays")
"""Limits. Raw arrays that are not marked as data are the subject of `transform.bare-arrays`."""

test_eval_shape_abstract_result = bind(
    eval_shape.abstract_result,
    make=graphs(*LEAVES, "raw-arrays") | graphs(*MARKED),
    how=st.sampled_from(("constructor", "argument", "keyword")),
)
test_eval_shape_no_effects = bind(eval_shape.no_effects, scale=0.6, p=programs() | programs(raising=True))
