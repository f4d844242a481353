"""Laws of the term Folding in."""

from ...law import Law
from . import sequence

LAWS: tuple[Law, ...] = sequence.LAWS
