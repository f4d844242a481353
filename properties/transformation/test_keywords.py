"""Inputs for the laws of keyword arguments."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation import keywords

from ..strategies import PLAIN, graphs
from ..strategies.programs import programs
from ..strategies.spread import bind_spread

transforms = st.sampled_from(keywords.KEYWORD_TRANSFORMS)

test_transform_keyword_arguments = bind_spread(
    keywords.keyword_arguments,
    10,
    scale=0.3,
    transform=transforms,
    p=programs("body-metadata"),
    count=st.integers(0, 2),
)
test_transform_keyword_only_arguments = bind_spread(
    keywords.keyword_only_arguments,
    8,
    scale=0.3,
    transform=transforms,
    p=programs("body-metadata"),
    positional=st.booleans(),
)
test_transform_negative_argnums = bind_spread(
    keywords.negative_argnums,
    10,
    scale=0.2,
    transform=st.sampled_from(("grad", "value_and_grad", "remat")),
    seeds=st.tuples(*[st.integers(0, 3)] * 4),
    named=st.integers(0, 3),
    argnum=st.integers(0, 3),
)
test_transform_default_arguments = bind_spread(
    keywords.default_arguments,
    14,
    scale=0.2,
    make=graphs(*PLAIN, "numpy", "values", "abstract", "pytree-values", max_chunks=1),
    transform=st.sampled_from((*keywords.KEYWORD_TRANSFORMS * 2, "vmap", "scan")),
    named=st.lists(st.sampled_from(("m", "times", "plus", "other")), unique=True, max_size=3).map(tuple),
    positional=st.integers(0, 3),
)
