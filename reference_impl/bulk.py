"""Writing many Variables at once: all are checked first, and each trace state only once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .tracers import check_all
from .variable import Variable
from .variable import _set_metadata as set_metadata
from .variable import _set_raw_value as set_raw_value


def take_over(variables: Sequence[Variable[Any]], others: Sequence[Any]) -> None:
    """Give each Variable the value and the metadata of the Variable beside it, or a plain value, in that order.

    Raises:
      TraceContextError: if one of them was created in another trace; none is written then.
    """
    check_all(variables)
    for variable, other in zip(variables, others, strict=True):
        if not isinstance(other, Variable):
            set_raw_value(variable, other)
        elif other is not variable:
            set_raw_value(variable, other._raw_value)
            metadata = other._metadata
            if metadata or variable._metadata:
                set_metadata(variable, dict(metadata))


def set_raw_values(variables: Sequence[Variable[Any]], values: Sequence[Any]) -> None:
    """`set_raw_value` for many: none is written if one is refused."""
    check_all(variables)
    for variable, value in zip(variables, values, strict=True):
        set_raw_value(variable, value)
