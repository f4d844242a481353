"""Modules as dataclasses."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform, overload

from .status import data, static

T = TypeVar("T")


@overload
def dataclass(cls: type[T], /, **options: Any) -> type[T]: ...
@overload
def dataclass(cls: None = None, /, **options: Any) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(dataclasses.field, data, static))
def dataclass(cls: Any = None, /, **options: Any) -> Any:
    """`dataclasses.dataclass` that keeps the repr of Modules.

    `dataclasses.dataclass` itself works as well. Fields may be declared by `data(...)`, `static(...)` or
    `dataclasses.field(metadata={"static": ...})`; the others get their status from the first value.

    Args:
        cls: the class.
        **options: as for `dataclasses.dataclass`.
    """
    return dataclasses.dataclass(cls, **{"repr": False, **options})
