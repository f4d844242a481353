"""Plain values: an argument that was not given, copies of containers, and a metadata dict as a constant."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .statics import freeze


class Missing:
    """The type of ``MISSING``, which stands for an argument that was not given (``None`` is a value)."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


def copy_containers(value: Any, *, arrays: bool = False) -> Any:
    """A copy of the lists, dicts, tuples and sets in ``value``, around the same elements.

    Args:
      arrays: also copy numpy arrays, which unlike jax arrays can be changed in place.
    """
    if isinstance(value, np.ndarray):
        return value.copy() if arrays else value
    if type(value) is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
        elements = [copy_containers(element, arrays=arrays) for element in value]
        return tuple(elements) if type(value) is tuple else type(value)(*elements)
    if not isinstance(value, (list, dict, set)):
        return value
    copied: Any = copy.copy(value)  # keeps subclasses such as OrderedDict and defaultdict
    if isinstance(value, list):
        copied[:] = [copy_containers(element, arrays=arrays) for element in value]
    elif isinstance(value, dict):
        copied.update((key, copy_containers(element, arrays=arrays)) for key, element in value.items())
    return copied


class FrozenItems:
    """The entries of a metadata dict as a constant, equal to another by value and type, in any order."""

    __slots__ = ("items", "_key")

    def __init__(self, entries: dict[str, Any]) -> None:
        self.items = tuple(sorted(entries.items(), key=lambda item: item[0]))
        self._key: Any = None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, FrozenItems) and bool(self._frozen() == other._frozen())

    def __hash__(self) -> int:
        return hash(self._frozen())

    def _frozen(self) -> Any:
        if self._key is None:
            self._key = freeze(self.items)
        return self._key

    def __repr__(self) -> str:
        return repr(dict(self.items))
