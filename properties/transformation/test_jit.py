"""Inputs for the laws of jit."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import jit

from ..strategies import PLAIN, graphs, statics

ARGUMENTS = (*PLAIN, "abstract", "numpy", "values", "pytree-values")
"""Limits for graphs that are arguments of compiled functions."""


def calls(*aspects: str) -> st.SearchStrategy[tuple[jit.Call, ...]]:
    """Sequences of calls that differ in one aspect from the plain one, or in two; calls repeat often."""
    difference = st.tuples(st.sampled_from(aspects or jit.ASPECTS), st.integers(1, 2))
    call = st.lists(difference, max_size=2).map(tuple)
    few = st.lists(call, min_size=1, max_size=3)
    order = st.lists(st.integers(0, 3), min_size=1, max_size=4)
    return st.tuples(few, order).map(lambda drawn: tuple(((), *drawn[0])[i % (len(drawn[0]) + 1)] for i in drawn[1]))


test_jit_cache = bind(jit.cache, scale=0.16, make=graphs(*ARGUMENTS, max_chunks=2), calls=calls(), same=st.booleans())
test_jit_cache_type_aware = bind(
    jit.cache_type_aware,
    scale=0.2,
    where=st.sampled_from(("static", "metadata", "argument")),
    values=st.permutations((1, True, 1.0)).map(lambda order: tuple(order[:2])),
)
test_jit_static_arguments = bind(
    jit.static_arguments,
    scale=0.2,
    make=graphs(*ARGUMENTS, max_chunks=1),
    given=statics(hashable=True),
    ways=st.permutations(jit.HOW).map(lambda order: tuple(order[:2])),
    odd=st.integers(0, 3),
)
test_jit_donation = bind(
    jit.donation,
    scale=0.16,
    make=graphs(*ARGUMENTS, max_chunks=2),
    how=st.sampled_from(("position", "positions", "name")),  # releases of jax differ in negative ones
    change=st.booleans(),
)
test_jit_other_effects = bind(
    jit.other_effects,
    scale=0.2,
    make=graphs(*ARGUMENTS, max_chunks=2),
    calls=calls("none", "shape", "option", "keyword", "static"),
    late=st.booleans(),
)
test_jit_lower_and_compile = bind(
    jit.lower_and_compile, scale=0.2, make=graphs(*ARGUMENTS, max_chunks=2), nested=st.booleans()
)
