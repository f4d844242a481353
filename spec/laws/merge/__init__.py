"""Laws of the term Merge."""

from __future__ import annotations

from ...law import Law
from . import objects, states

LAWS: tuple[Law, ...] = (*states.LAWS, *objects.LAWS)
"""Every law of the term."""
