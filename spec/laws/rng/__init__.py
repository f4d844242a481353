"""Laws of the term PRNG states."""

from ...law import Law
from . import lifts, reseed, splitting, streams, tree_mode, use

LAWS: tuple[Law, ...] = (*streams.LAWS, *splitting.LAWS, *lifts.LAWS, *reseed.LAWS, *use.LAWS, *tree_mode.LAWS)
