"""Laws of the term Variable state."""

from __future__ import annotations

from ...law import Law
from . import algebra, flattening, mapping, values

LAWS: tuple[Law, ...] = (*flattening.LAWS, *algebra.LAWS, *mapping.LAWS, *values.LAWS)
"""Every law of the term, topic by topic."""
