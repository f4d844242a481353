"""Laws of the term Params."""

from __future__ import annotations

from ...law import Law
from . import layers, registry, selection

LAWS: tuple[Law, ...] = (*selection.LAWS, *layers.LAWS, *registry.LAWS)
