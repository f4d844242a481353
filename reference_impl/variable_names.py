"""The registry of Variable type names: a one-to-one map between collection names and Variable classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from .variable import BatchStat, Cache, Intermediate, Param, Perturbation, Variable

T = TypeVar("T", bound=type[Variable[Any]])

_types: dict[str, type[Variable[Any]]] = {}
_names: dict[type[Variable[Any]], str] = {}


@overload
def register_variable_name(name: str, typ: T, *, overwrite: bool = False) -> T: ...
@overload
def register_variable_name(name: str, typ: None = None, *, overwrite: bool = False) -> Callable[[T], T]: ...
def register_variable_name(name: str, typ: T | None = None, *, overwrite: bool = False) -> T | Callable[[T], T]:
    """Gives a Variable class a name; without the class, a decorator that does.

    Args:
      overwrite: first forget what ``name`` and ``typ`` were registered as.

    Raises:
      ValueError: if the name or the class is registered already.
    """
    if typ is None:
        return lambda cls: register_variable_name(name, cls, overwrite=overwrite)
    if overwrite:
        _names.pop(_types.pop(name, Variable), None)
        _types.pop(_names.pop(typ, ""), None)
    if name in _types:
        raise ValueError(f"the name {name!r} belongs to {_types[name]}; pass overwrite=True to give it to {typ}")
    if typ in _names:
        raise ValueError(f"{typ} is registered as {_names[typ]!r}; pass overwrite=True to rename it to {name!r}")
    _types[name], _names[typ] = typ, name
    return typ


def variable_type_from_name(
    name: str, /, *, base: type[Variable[Any]] = Variable, allow_register: bool = False
) -> type[Variable[Any]]:
    """The class registered as ``name``; with ``allow_register`` an unknown name makes a new subclass of ``base``.

    Raises:
      ValueError: if the name is unknown and may not be registered.
    """
    if name not in _types:
        if not allow_register:
            raise ValueError(f"no Variable type is named {name!r}; use register_variable_name or allow_register=True")
        register_variable_name(name, type(name, (base,), {}))
    return _types[name]


def variable_name_from_type(typ: type[Variable[Any]], /, *, allow_register: bool = False) -> str:
    """The name of ``typ``; with ``allow_register`` an unregistered class is registered under its ``__name__``.

    Raises:
      ValueError: if the class is not registered and may not be, or if its name is taken.
    """
    if typ not in _names:
        if not allow_register:
            raise ValueError(f"{typ} has no registered name; use register_variable_name or allow_register=True")
        register_variable_name(typ.__name__, typ)
    return _names[typ]


for _name, _type in {
    "params": Param,
    "batch_stats": BatchStat,
    "cache": Cache,
    "intermediates": Intermediate,
    "perturbations": Perturbation,
}.items():
    register_variable_name(_name, _type)
