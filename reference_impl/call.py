"""Calling a method of a graph that is given as GraphDef and State."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .split import merge, split


def call(graphdef_and_state: tuple[Any, ...], /) -> Proxy:
    """A proxy for the graph: `call((graphdef, state)).encoder.predict(x)` merges, calls and splits.

    Returns:
        A proxy; the call at its end returns what the method returned and the new `(graphdef, state)`.
    """
    return Proxy(graphdef_and_state, lambda node: node)


class Proxy:
    """Remembers a way from a graph to one of its methods, by attributes and items, until it is called."""

    __slots__ = ("_find", "_parts")

    def __init__(self, parts: tuple[Any, ...], find: Callable[[Any], Any]) -> None:
        self._parts = parts
        self._find = find

    def __getattr__(self, name: str) -> Proxy:
        return Proxy(self._parts, lambda node: getattr(self._find(node), name))

    def __getitem__(self, key: Any) -> Proxy:
        return Proxy(self._parts, lambda node: self._find(node)[key])

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, tuple[Any, ...]]:
        """Merge, call, split."""
        node = merge(*self._parts)
        return self._find(node)(*args, **kwargs), split(node)
