"""Inputs for the law of what stays alive."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import functions, lifetime

from ..strategies import PLAIN, graphs

plans = st.lists(
    st.tuples(
        st.sampled_from(functions.TRANSFORMS),
        st.integers(1, 2),
        st.sampled_from(("return", "raise-first", "raise-last", "write-captured")),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda plan: plan[0],
).map(tuple)

test_transform_lifetime = bind(
    lifetime.lifetime,
    scale=0.15,
    make=graphs(*PLAIN, "abstract", "numpy", "values", "pytree-values", max_chunks=1),
    plans=plans,
)
