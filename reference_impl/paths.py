"""Paths: the tuple of keys that leads from a root to a leaf, and the canonical order of keys, ints before strs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

Key: TypeAlias = Any
"""A key: a str for an attribute, an int for an index, any sortable key of a dict."""
Path: TypeAlias = tuple[Key, ...]


def sorted_keys(keys: Iterable[Key]) -> list[Key]:
    """The keys of one mapping in canonical order.

    Raises:
      TypeError: if they cannot be ordered, for example a str and a tuple.
    """
    keys = list(keys)
    if len(keys) < 2:
        return keys
    try:
        return sorted(keys)
    except TypeError:
        if not all(isinstance(key, int | str) for key in keys):
            raise TypeError(f"the keys {keys!r} cannot be sorted; use keys of one type, or ints and strs") from None
        return sorted(keys, key=_rank)


def picker(keys: Sequence[Key]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the items of a list or dict at these keys, all of them in one call; KeyError where one is missing."""
    if len(keys) > 1:
        return operator.itemgetter(*keys)
    if not keys:
        return lambda held: ()
    (key,) = keys
    return lambda held: (held[key],)


def sorted_paths(paths: Iterable[Path]) -> list[Path]:
    """Paths in canonical order; raises TypeError as ``sorted_keys`` does."""
    paths = list(paths)
    try:
        return sorted(paths)
    except TypeError:
        return sorted(paths, key=lambda path: tuple(map(_rank, path)))


def _rank(key: Key) -> tuple[bool, Key]:
    return isinstance(key, str), key
