"""Inputs for the laws of `checkify`."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import checkify

from ..strategies.programs import programs

test_checkify_updates_kept = bind(
    checkify.updates_kept,
    scale=0.4,
    p=programs(),
    checks=st.lists(st.booleans(), max_size=3).map(tuple),
    late=st.booleans(),
)
test_checkify_automatic_checks = bind(
    checkify.automatic_checks,
    scale=0.2,
    kind=st.sampled_from(("div", "nan", "index")),
    number=st.integers(1, 4),
    fails=st.booleans(),
)
