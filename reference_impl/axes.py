"""Axes per leaf: which axis of an array a transform maps over, said by filters or by a State of axes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .filters import Filter, PathIn, filters_to_predicates, first_match
from .paths import Path
from .state import State, iter_leaves
from .statics import freeze
from .variable import Variable


def create_path_filters(state: State) -> dict[PathIn, Any]:
    """For each value among the leaves of ``state`` a filter that matches exactly the paths where it stands."""
    paths: dict[Any, tuple[Any, list[Path]]] = {}
    for path, leaf in iter_leaves(state):
        value = leaf.get_value() if isinstance(leaf, Variable) else leaf
        paths.setdefault(freeze(value), (value, []))[1].append(path)
    return {PathIn(*where): value for value, where in paths.values()}


class StateAxes(Mapping[Filter, Any]):
    """An axis (an int, or None for no axis) per filter; the first filter that matches a leaf decides.

    Args:
      axes: a mapping from filters to axes, or pairs of them, or a State that holds an axis at the path of each leaf.
    """

    def __init__(self, axes: Mapping[Filter, Any] | Iterable[tuple[Filter, Any]] | State) -> None:
        by_filter = create_path_filters(axes) if isinstance(axes, State) else axes
        pairs: Iterable[Any] = by_filter.items() if isinstance(by_filter, Mapping) else by_filter
        self._filters: tuple[Filter, ...] = ()
        self._axes: tuple[Any, ...] = ()
        for filter, axis in pairs:
            self._filters += (filter,)
            self._axes += (axis,)
        self._predicates = filters_to_predicates(self._filters)

    def axis_of(self, path: Path, leaf: Any) -> Any:
        """The axis for the leaf at ``path``; ValueError if no filter matches it."""
        i = first_match(self._predicates, path, leaf)
        if i == len(self._predicates):
            raise ValueError(
                f"no filter of {self!r} matches the {type(leaf).__name__} at {path!r}; add `...` as the last"
            )
        return self._axes[i]

    def __getitem__(self, filter: Filter) -> Any:
        for known, axis in zip(self._filters, self._axes, strict=True):
            if known is filter or known == filter:
                return axis
        raise KeyError(filter)

    def __iter__(self) -> Iterator[Filter]:
        return iter(self._filters)

    def __len__(self) -> int:
        return len(self._filters)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):  # a StateSharding is no StateAxes
            return NotImplemented
        return self._predicates == other._predicates and bool(freeze(self._axes) == freeze(other._axes))

    def __hash__(self) -> int:
        return hash((type(self), self._predicates, freeze(self._axes)))

    def __repr__(self) -> str:
        pairs = zip(self._filters, self._axes, strict=True)
        return f"{type(self).__name__}({{{', '.join(f'{filter!r}: {axis!r}' for filter, axis in pairs)}}})"
