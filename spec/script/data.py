"""Inputs of laws as data: the registry of their classes and their JSON form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

_CLASSES: dict[str, type] = {}
_MARK = "$"

C = TypeVar("C", bound=type)


class MalformedScript(ValueError):
    """Stored data is no script or other input of a law; the message says what is wrong and where."""


def data(name: str) -> Callable[[C], C]:
    """Registers a frozen dataclass as input data under the name it has in JSON."""

    def register(cls: C) -> C:
        _CLASSES[name] = cls
        cls._json_name = name  # type: ignore[attr-defined]  # one registry, both directions
        return cls

    return register


def encode(value: Any) -> Any:
    """Input data as plain JSON values: tuples become lists, registered classes become objects with a ``$`` key.

    Raises:
        TypeError: the value is not input data.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    name = getattr(type(value), "_json_name", None)
    if name is None:
        raise TypeError(f"{value!r} is not input data of a law")
    return {_MARK: name} | {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}


def decode(value: Any, where: str = "input") -> Any:
    """The input data that `encode` wrote.

    Raises:
        MalformedScript: the value has another shape, or names an unknown class or field.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return tuple(decode(item, f"{where}[{i}]") for i, item in enumerate(value))
    if not isinstance(value, dict) or _MARK not in value:
        raise MalformedScript(f"{where}: expected an object with a {_MARK!r} key, found {value!r:.80}")
    cls = _CLASSES.get(value[_MARK])
    if cls is None:
        raise MalformedScript(f"{where}: unknown kind {value[_MARK]!r}; known: {', '.join(sorted(_CLASSES))}")
    fields = {f.name for f in dataclasses.fields(cls)}
    given = {key: decode(item, f"{where}.{key}") for key, item in value.items() if key != _MARK}
    if unknown := sorted(set(given) - fields):
        raise MalformedScript(
            f"{where}: {value[_MARK]} has no field {unknown[0]!r}; fields: {', '.join(sorted(fields))}"
        )
    try:
        return cls(**given)
    except (TypeError, ValueError) as error:
        raise MalformedScript(f"{where}: {error}") from None
