"""Inputs for the laws of keyword arguments."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import keywords

from ..strategies.programs import programs

transforms = st.sampled_from(keywords.KEYWORD_TRANSFORMS)

test_transform_keyword_arguments = bind(
    keywords.keyword_arguments, scale=0.3, transform=transforms, p=programs("body-metadata"), count=st.integers(0, 2)
)
test_transform_keyword_only_arguments = bind(
    keywords.keyword_only_arguments,
    scale=0.3,
    transform=transforms,
    p=programs("body-metadata"),
    positional=st.booleans(),
)
test_transform_negative_argnums = bind(
    keywords.negative_argnums,
    scale=0.2,
    transform=st.sampled_from(("grad", "value_and_grad", "remat")),
    seeds=st.tuples(*[st.integers(0, 3)] * 4),
    named=st.integers(0, 3),
    argnum=st.integers(0, 3),
)
