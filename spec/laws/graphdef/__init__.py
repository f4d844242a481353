"""Laws of the term GraphDef, a file for each group."""

from __future__ import annotations

from ...law import Law
from . import content, equality, histories, use

LAWS: tuple[Law, ...] = (*content.LAWS, *equality.LAWS, *histories.LAWS, *use.LAWS)
