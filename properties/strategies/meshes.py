"""Strategies for meshes, and for what lies how on them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec.blocks import LAYOUTS

shapes: SearchStrategy[tuple[int, ...]] = st.sampled_from(((2,), (8,), (2, 2), (2, 4)))
"""Shapes of meshes of up to eight devices."""

layouts: SearchStrategy[int] = st.integers(0, len(LAYOUTS) - 1)
"""Layouts by number."""


def _closed(pairs: list[tuple[int, int]], last: int) -> tuple[tuple[int, int], ...]:
    return (*pairs, (5, last))


plans: SearchStrategy[tuple[tuple[int, int], ...]] = st.builds(
    _closed, st.lists(st.tuples(st.integers(0, 4), layouts), max_size=3, unique_by=lambda pair: pair[0]), layouts
)
"""Filters with a layout each, by numbers; the last filter is the one that matches everything."""


def picks(highest: int) -> SearchStrategy[tuple[int, ...]]:
    """What is done to the Variables, in turn."""
    return st.lists(st.integers(0, highest), min_size=1, max_size=4).map(tuple)
