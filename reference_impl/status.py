"""Data or static: what becomes of an attribute, and how to say it explicitly.

Data is what transforms see (arrays, Variables, nodes); static is configuration, which takes part in comparing and
caching. The first assignment decides by the type of the value; `data(v)` and `static(v)` decide by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from .nodes import ARRAY, OTHER, NodeType, has_identity, kind_of

T = TypeVar("T")

_DATA_TYPES: set[type] = set()
_NOTHING = object()


class Annotated:
    """A value together with the status that it shall have; made by `data` and `static`, unwrapped on assignment."""

    __slots__ = ("is_data", "value")

    def __init__(self, value: Any, is_data: bool) -> None:
        self.value = value
        self.is_data = is_data

    def __repr__(self) -> str:
        return f"{'data' if self.is_data else 'static'}({self.value!r})"


def data(value: Any = _NOTHING, /, **field_options: Any) -> Any:
    """Mark a value as data where it is assigned, or, without a value, declare a dataclass field as data.

    Args:
        value: the value to assign: `self.layers = data([...])`. Its whole content becomes part of the state.
        **field_options: as for `dataclasses.field`: `layers: list = data(default_factory=list)`.
    """
    return _annotate(True, value, field_options)


def static(value: Any = _NOTHING, /, **field_options: Any) -> Any:
    """Mark a value as static where it is assigned, or, without a value, declare a dataclass field as static."""
    return _annotate(False, value, field_options)


def _annotate(is_data: bool, value: Any, field_options: dict[str, Any]) -> Any:
    name = "data" if is_data else "static"
    if value is _NOTHING:
        metadata = dict(field_options.pop("metadata", None) or {})
        if metadata.get("static", not is_data) is is_data:
            raise ValueError(f"the metadata of {name}(...) says static={is_data}, which contradicts it")
        return dataclasses.field(**field_options, metadata={**metadata, "static": not is_data})
    if field_options:
        raise TypeError(f"{name}() takes a value or the options of a dataclass field, not both")
    return Annotated(value, is_data)


def register_data_type(cls: type[T], /) -> type[T]:
    """Let values of type `cls` become data when they are assigned. Can be used as a class decorator."""
    _DATA_TYPES.add(cls)
    return cls


def is_data(value: Any, /) -> bool:
    """True for arrays, references, Variables, graph nodes and values of registered data types."""
    kind = kind_of(value)
    return kind is ARRAY or has_identity(kind) or is_registered_data(value)


def is_registered_data(value: Any) -> bool:
    """True for values of a type given to `register_data_type`, or of a subclass of one."""
    return bool(_DATA_TYPES) and not _DATA_TYPES.isdisjoint(type(value).__mro__)


def has_data(value: Any, /) -> bool:
    """True if `value` is data or a container that holds data at any depth."""
    return any(is_data(x) for x in contents(value))


def contents(value: Any) -> Iterator[Any]:
    """The values inside a plain container, through any number of containers; for anything else the value itself.

    Data is not entered, and a container that contains itself is entered once.
    """
    stack, seen = [value], dict[int, Any]()
    while stack:
        x = stack.pop()
        kind = kind_of(x)
        if kind is OTHER or not isinstance(kind, NodeType) or kind.identity or is_registered_data(x):
            yield x
        elif id(x) not in seen:
            seen[id(x)] = x
            stack.extend(kind.children(x))


def admit(name: str, value: Any, known: bool | None) -> tuple[Any, bool]:
    """Decide the status of a value that is about to be assigned.

    Args:
        name: what is assigned to, for the message: `"Model.layers"`.
        value: the value, perhaps annotated.
        known: the status that the attribute has already (True is data), None for a new one.

    Returns:
        The bare value and whether it is data.

    Raises:
        ValueError: data would be hidden in a static attribute, or an annotation sits inside a container.
    """
    explicit = isinstance(value, Annotated)
    if explicit:
        value, as_data = value.value, value.is_data
    else:
        as_data = is_data(value)
        if as_data and known is False:
            raise ValueError(
                f"{name} is static and cannot take data of type {type(value).__name__};"
                " assign data(...) to make it data"
            )
        as_data = as_data or known is True
    check_value(name, value, as_data)
    return value, as_data


def check_value(name: str, value: Any, as_data: bool) -> None:
    """Raise ValueError if a static value holds data, or any value holds an annotation."""
    if kind_of(value) is OTHER and not isinstance(value, Annotated):
        if as_data or not is_registered_data(value):
            return
    for x in contents(value):
        if isinstance(x, Annotated):
            raise ValueError(
                f"{name} got a value of type {type(value).__name__} with {x!r} inside; annotate the whole attribute,"
                " or use List or Dict, whose elements may be annotated one by one"
            )
        if not as_data and is_data(x):
            raise ValueError(
                f"{name} is static, but its value of type {type(value).__name__} holds data of type"
                f" {type(x).__name__}; assign data(...) to make it data, or use List or Dict"
            )
