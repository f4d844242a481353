"""Laws of the term Variable, a file for each group of operations."""

from __future__ import annotations

from ...law import Law
from . import copies, indexing, metadata, operators, values

LAWS: tuple[Law, ...] = (*values.LAWS, *indexing.LAWS, *operators.LAWS, *copies.LAWS, *metadata.LAWS)
