"""Strategies for values: arrays, other leaves, statics, metadata."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Leaf, Metadata, Static
from nnxspec.spec.script import literals

RARE = ("float8_e4m3fn", "float8_e5m2")
"""Dtypes beside those of scripts, for what is moved and never calculated with."""
small: SearchStrategy[int] = st.integers(0, 9)
"""A small operand."""


def leaves(*holders: str) -> SearchStrategy[Leaf]:
    """Leaf values of the given holders (default: every holder), over all dtypes and shapes."""
    return st.one_of([_HELD[holder] for holder in holders or literals.HOLDERS])


def _held(holder: str) -> SearchStrategy[Leaf]:
    dtypes = literals.KEYS if holder == "key" else literals.DTYPES
    if holder == "numpy":
        dtypes += literals.WIDE
    if holder == "jax":
        dtypes += RARE
    shapes = literals.SHAPES[:2] if holder == "key" else literals.SHAPES
    drawn = st.tuples(st.just(holder), st.sampled_from(dtypes), st.sampled_from(shapes), small)
    return drawn.map(lambda fields: Leaf(*fields))


_HELD = {holder: _held(holder) for holder in literals.HOLDERS}

_like = st.shared(leaves("jax", "jax", "jax", "numpy", "key", "weak", "abstract"), key="alike")

alike: SearchStrategy[Leaf] = _like.flatmap(
    lambda first: st.builds(
        Leaf,
        st.just(first.holder),
        st.sampled_from(literals.KEYS if first.holder == "key" else literals.DTYPES),
        st.just(first.shape),
        small,
    )
)
"""Arrays that have holder and shape in common with all others of the same example: dtype and numbers are free."""


def arrays(*, shape: tuple[int, ...] | None = None, dtypes: tuple[str, ...] = literals.DTYPES) -> SearchStrategy[Leaf]:
    """jax arrays of any dtype but keys, of one shape or any."""
    shapes = st.sampled_from(literals.SHAPES) if shape is None else st.just(shape)
    return st.builds(Leaf, st.just("jax"), st.sampled_from(dtypes), shapes, small)


def float_arrays(shape: tuple[int, ...] = (2,)) -> SearchStrategy[Leaf]:
    """float32 jax arrays with small exact numbers."""
    return st.builds(Leaf, st.just("jax"), st.just("float32"), st.just(shape), st.integers(0, 5))


def statics(*, hashable: bool = False) -> SearchStrategy[Static]:
    """Static values; equal ones of different type are neighbours."""
    size = len(literals.STATICS) - (literals.UNHASHABLE_STATICS if hashable else 0)
    return st.builds(Static, st.integers(0, size - 1))


def metadata(*, hashable: bool = False) -> SearchStrategy[Metadata]:
    """Metadata as a dict, empty ones included."""
    size = len(literals.METADATA) - (literals.UNHASHABLE_METADATA if hashable else 0)
    return st.builds(Metadata, st.integers(0, size - 1))
