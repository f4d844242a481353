"""Every law of the specification, collected explicitly: a law that is not listed here does not exist."""

from __future__ import annotations

from ..law import Law
from . import graph
from .split_and_merge import split

LAWS: tuple[Law, ...] = (*graph.LAWS, *split.LAWS)
