"""Inputs for the law of changes between calls."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import changes

from ..strategies import PLAIN, graphs

ARGUMENTS = (*PLAIN, "abstract", "numpy", "values", "pytree-values")
"""Limits for graphs whose leaves are the same before and after any call."""

names = st.sampled_from((*changes.CHANGES, *changes.REWIRED))

test_jit_sees_changes = bind(
    changes.sees_changes,
    scale=0.5,
    make=graphs(*ARGUMENTS, max_chunks=1),
    history=st.lists(st.tuples(names, st.integers(0, 2)), min_size=2, max_size=6).map(tuple),
    writes=st.sampled_from(changes.WRITES),
    keep=st.booleans(),
)
