"""What adapters of libraries with other signatures share: NNX's options on a library's function, or *unsupported*."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from nnxspec.spec import Unsupported


def translated(
    function: Callable[..., Any],
    name: str,
    *,
    renamed: Mapping[str, str] | None = None,
    dropped: Mapping[str, Any] | None = None,
    refused: tuple[str, ...] = (),
    decorator: bool = False,
    least: int = 1,
) -> Callable[..., Any]:
    """A library's transform under the name that NNX has for it.

    Args:
        function: the library's.
        name: NNX's name, for messages.
        renamed: options that the library has under another name.
        dropped: options that the library does not have, with the value that says the same as leaving them out.
        refused: options that the library's signature would take and its documentation rules out.
        decorator: whether it can be called with options alone, and then takes the function.
        least: how many arguments it needs by position, where it cannot be called with fewer.

    Raises:
        Unsupported: when it is called with an option that the library does not have.
    """
    parameters = inspect.signature(function).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    renamed, dropped = renamed or {}, dropped or {}

    @functools.wraps(function)
    def transform(*args: Any, **options: Any) -> Any:
        if len(args) < least and not (decorator and not args):
            raise Unsupported(name, f"{name} is called with all its arguments at once there")
        given = {}
        for option, value in options.items():
            if option in dropped and same(value, dropped[option]):
                continue
            own = renamed.get(option, option)
            if own in refused or option in dropped or not (open_ended or own in parameters):
                raise Unsupported(name, f"{name} has no option {option!r} there")
            given[own] = value
        return function(*args, **given)

    return transform


def same(value: Any, default: Any) -> bool:
    """Whether an option was given the value that it has anyway, and not merely one that is equal to it."""
    return type(value) is type(default) and bool(value == default)


def chosen_by(one: Any, variable: type[Any], why: str) -> Callable[[Any], bool]:
    """A filter of NNX as a predicate on leaves, where it can be one.

    Args:
        one: the filter.
        variable: the class that stands for Variable there.
        why: what the library's own filters see, for the message.

    Raises:
        Unsupported: it asks for more than the leaf.
    """
    if one is ... or one is True:
        return lambda leaf: True
    if one is None or one is False:
        return lambda leaf: False
    if isinstance(one, type) and issubclass(one, variable):
        return lambda leaf: isinstance(leaf, one)
    raise Unsupported("filters", why)
