"""Strategies for the laws of GraphDefs: opaque holders, equal but distinct statics."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Static
from nnxspec.spec.script.literals import STATICS, UNHASHABLE_STATICS, Nested

from .leaves import statics
from .module import NAMES

any_statics: SearchStrategy[Static] = statics(hashable=True) | st.integers(
    len(STATICS) - UNHASHABLE_STATICS, len(STATICS) - 1
).map(Static)
"""Statics; every other one is unhashable."""

holders: SearchStrategy[tuple[str, ...]] = st.tuples(
    st.lists(st.sampled_from(("tuple", "dict")), max_size=1),
    st.sampled_from(("box", "slots", "partial", "keyword", "registered")),
    st.lists(st.sampled_from(("box", "slots", "partial", "keyword", "registered", "tuple", "dict")), max_size=2),
).map(lambda parts: (*parts[0], parts[1], *parts[2]))
"""Holders around an array, the outermost first; at least one shows its content in none of Python's containers."""

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


_ALIKE = (("1", "True", "1.0"), ("0", "False", "0.0", "-0.0"), ("'s'", "'t'"), ("None", "activation", "int"))
_atoms: SearchStrategy[Nested] = st.sampled_from([code for group in _ALIKE for code in group]).map(Nested)


def _around(kinds: tuple[str, ...], inner: SearchStrategy[Nested]) -> SearchStrategy[Nested]:
    parts = st.lists(inner, min_size=1, max_size=3) | st.lists(inner, min_size=2, max_size=3)
    return st.builds(Nested, st.sampled_from(kinds), parts.map(tuple))


_hashable = _atoms | _around(("tuple", "frozenset"), _atoms)
_nested = st.recursive(
    _around(("tuple", "list", "dict", "set", "frozenset"), _hashable),
    lambda inner: _around(("tuple", "list", "dict"), inner | _atoms),
    max_leaves=2,
)


def _changed(value: Nested, place: int, how: int) -> Nested:
    """The same with one thing changed: an atom by one that Python takes for equal or by another, the order of a dict,
    or nothing.
    """
    if not value.parts:
        group = next(group for group in _ALIKE if value.kind in group)
        here = group if how % 3 else ("2",)
        return Nested(here[(here.index(value.kind) + how) % len(here)] if value.kind in here else here[0])
    if value.kind == "dict" and how < 2:
        return Nested("dict-backwards", value.parts)
    at = place % len(value.parts)
    part = _changed(value.parts[at], place // len(value.parts), how)
    return Nested(value.kind, (*value.parts[:at], part, *value.parts[at + 1 :]))


_nested_pairs = st.one_of(
    st.tuples(_nested, st.integers(0, 8), st.integers(0, 5)).map(lambda drawn: (drawn[0], _changed(*drawn))),
    st.tuples(_nested, _nested),
)


def each_pair() -> list[tuple[Any, Any]]:
    """Every two statics that Python takes for equal, and for each kind of container what differs in one place or in the
    order alone.
    """
    alike = [
        (Static(STATICS.index(one)), Static(STATICS.index(two)))
        for group in _GROUPS[:-1]
        for one, two in itertools.combinations(group, 2)
    ]
    parts = (Nested("1"), Nested("'s'"))
    for kind in ("tuple", "list", "dict", "set", "frozenset"):
        others = (Nested("True"), parts[1]), parts[::-1]
        alike += [(Nested(kind, parts), Nested(kind, other)) for other in others]
    return [*alike, (Nested("dict", parts), Nested("dict-backwards", parts))]


static_pairs: SearchStrategy[tuple[Any, Any]] = st.sampled_from(_GROUPS).flatmap(_pairs) | _nested_pairs
"""Two statics, mostly equal by ``==`` and different in type or sign, or containers that differ in one place; sometimes
one and the same.
"""

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
