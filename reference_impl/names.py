"""The names of an object's attributes. Objects of one class nearly always have the same, so they are sorted once."""

from __future__ import annotations

import functools
from typing import Any

from .graphdef import NodeDef
from .paths import picker

MOST = 64
"""How many attributes an object may have for what is found out about its names to be kept: caches shall stay small."""


class Names:
    """The names that the attributes of the objects of one class have, and what follows from them.

    Args:
        names: in the order in which they were set.

    Attributes:
        keys: the names in canonical order.
        pick: takes the entries of a dict under all these names, in that order; KeyError if one is missing.
        defs: the definitions of nodes with these names that were made before, by the statuses of the attributes.
    """

    __slots__ = ("defs", "keys", "pick")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.keys = tuple(sorted(names))
        self.pick = picker(self.keys)
        self.defs: dict[tuple[bool, ...] | None, NodeDef] = {}


@functools.lru_cache(1024)
def _known(cls: Any, names: tuple[str, ...]) -> Names:
    return Names(names)


def names_of(node: Any) -> Names:
    """The names of the attributes of `node`."""
    names = tuple(node.__dict__)
    cls: Any = type(node)  # mypy takes a `type` for unhashable
    return _known(cls, names) if len(names) <= MOST else Names(names)
