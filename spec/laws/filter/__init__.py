"""Laws of the term Filter."""

from __future__ import annotations

from ...law import Law
from . import grouping, kinds, protocol

LAWS: tuple[Law, ...] = (*kinds.LAWS, *protocol.LAWS, *grouping.LAWS)
"""Every law of the term: single filters first, then sequences of them."""
