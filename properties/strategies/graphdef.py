"""Strategies for the laws of GraphDefs: opaque holders, equal but distinct statics."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Static
from nnxspec.spec.script.literals import STATICS, UNHASHABLE_STATICS

from .leaves import statics
from .module import NAMES

any_statics: SearchStrategy[Static] = statics(hashable=True) | st.integers(
    len(STATICS) - UNHASHABLE_STATICS, len(STATICS) - 1
).map(Static)
"""Statics; every other one is unhashable."""

holders: SearchStrategy[tuple[str, ...]] = st.tuples(
    st.lists(st.sampled_from(("tuple", "dict")), max_size=1),
    st.sampled_from(("box", "slots", "partial", "keyword")),
    st.lists(st.sampled_from(("box", "slots", "partial", "keyword", "tuple", "dict")), max_size=2),
).map(lambda parts: (*parts[0], parts[1], *parts[2]))
"""Holders around an array, the outermost first; at least one is opaque to jax."""

_GROUPS = (
    ("1", "True", "1.0"),
    ("0", "False", "0.0", "-0.0"),
    ("(1, True, 1.0)", "(1, 1, 1)"),
    ("(0.0, 'a')", "(-0.0, 'a')"),
    ("'s'", "None", "activation", "other_activation", "int", "jnp.float32", "2**70", "frozenset({1, 2})"),
)


def _pairs(group: tuple[str, ...]) -> SearchStrategy[tuple[Static, Static]]:
    order = st.permutations(group).map(lambda codes: tuple(Static(STATICS.index(code)) for code in codes[:2]))
    same = st.sampled_from(group).map(lambda code: (Static(STATICS.index(code)),) * 2)
    return order | order | same


static_pairs: SearchStrategy[tuple[Any, Any]] = st.sampled_from(_GROUPS).flatmap(_pairs)
"""Two hashable statics, mostly equal by ``==`` and different in type or sign; sometimes one and the same."""

name_lists: SearchStrategy[tuple[str, ...]] = st.lists(st.sampled_from(NAMES), max_size=6, unique=True).map(tuple)
"""Names of attributes."""

assignments: SearchStrategy[tuple[Any, ...]] = st.lists(
    st.tuples(
        st.sampled_from(("both", "scale", "field")),
        st.sampled_from(("array", "int", "data", "static")),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
).map(tuple)
"""Assignments through descriptors: which one, what is assigned, a number."""
