"""Laws of the term Module, a file for each group."""

from __future__ import annotations

from ...law import Law
from . import dicts, lists, modes, objects, refusals, status

LAWS: tuple[Law, ...] = (
    *status.LAWS,
    *refusals.LAWS,
    *objects.LAWS,
    *modes.LAWS,
    *lists.LAWS,
    *dicts.LAWS,
)
