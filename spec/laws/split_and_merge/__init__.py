"""Laws of the term Split and merge, a file for each group of operations."""

from __future__ import annotations

from ...law import Law
from . import clone, copy, iteration, maps, pop, split, state, tree_mode, update

LAWS: tuple[Law, ...] = (
    *split.LAWS,
    *state.LAWS,
    *update.LAWS,
    *pop.LAWS,
    *clone.LAWS,
    *copy.LAWS,
    *maps.LAWS,
    *iteration.LAWS,
    *tree_mode.LAWS,
)
"""Every law of this term, in the order of a reader's interest."""
