"""Laws of `grad` and `value_and_grad`."""

from __future__ import annotations

from ....law import Law
from . import gradients, refusals, tree

LAWS: tuple[Law, ...] = (*gradients.LAWS, *refusals.LAWS, *tree.LAWS)
