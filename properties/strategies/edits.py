"""Strategies for edits of states, and for flat states made from nothing."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec.edits import EDITS, KEEPS_PATHS

Edit = tuple[str, int, int]


def edits(*names: str) -> SearchStrategy[Edit]:
    """One edit, of the given names (default: any)."""
    return st.tuples(st.sampled_from(names or tuple(EDITS)), st.integers(0, 9), st.integers(0, 9))


path_edits: SearchStrategy[Edit] = edits(*(name for name in EDITS if name not in KEEPS_PATHS))
"""Edits that change the set of paths."""
