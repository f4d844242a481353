"""FlatState: a State as a sorted sequence of (path, leaf) pairs; and what is done to states leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import jax

from .filters import Filter, check_exhaustive, filters_to_predicates, group_leaves
from .paths import Key, Path, sorted_paths
from .state import State, iter_leaves, nest


class FlatState(Sequence[tuple[Path, Any]]):
    """An immutable sequence of (path, leaf) pairs with unique paths.

    Args:
      items: the pairs; of two equal paths the last wins.
      sort: whether to bring the paths into canonical order.
    """

    __slots__ = ("_leaves", "_paths")

    def __init__(self, items: Iterable[tuple[Path, Any]], /, *, sort: bool = True) -> None:
        leaves = dict(items)
        self._paths = tuple(sorted_paths(leaves) if sort else leaves)
        self._leaves = [leaves[path] for path in self._paths]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths, in order."""
        return self._paths

    @property
    def leaves(self) -> list[Any]:
        """The leaves, in the order of their paths."""
        return self._leaves

    @overload
    def __getitem__(self, index: int) -> tuple[Path, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> FlatState: ...
    def __getitem__(self, index: int | slice) -> tuple[Path, Any] | FlatState:
        if isinstance(index, slice):
            return FlatState(zip(self._paths[index], self._leaves[index], strict=True), sort=False)
        return self._paths[index], self._leaves[index]

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[tuple[Path, Any]]:
        return zip(self._paths, self._leaves, strict=True)

    def __repr__(self) -> str:
        return f"FlatState({list(self)!r})"

    def to_nested_state(self) -> State:
        """The State with these leaves."""
        return nest(self)

    def split(self, first: Filter, /, *filters: Filter) -> Any:
        """One FlatState per filter, a tuple if there are several; ValueError if a leaf matches none."""
        *groups, rest = group_leaves(self, filters_to_predicates((first, *filters)))
        check_exhaustive(rest)
        return _one_or_all([FlatState(group, sort=False) for group in groups])

    def filter(self, first: Filter, /, *filters: Filter) -> Any:
        """As ``split``, but leaves that match no filter are dropped."""
        *groups, _ = group_leaves(self, filters_to_predicates((first, *filters)))
        return _one_or_all([FlatState(group, sort=False) for group in groups])

    @staticmethod
    def merge(first: Iterable[tuple[Path, Any]], /, *others: Iterable[tuple[Path, Any]]) -> FlatState:
        """The union; where several have a path, the right-most wins."""
        return FlatState(pair for flat in (first, *others) for pair in flat)


def _unflatten(paths: tuple[Path, ...], leaves: Iterable[Any]) -> FlatState:
    return FlatState(zip(paths, leaves, strict=True), sort=False)


jax.tree_util.register_pytree_node(FlatState, lambda flat: (flat.leaves, flat.paths), _unflatten)


def to_flat_state(state: Mapping[Key, Any]) -> FlatState:
    """The leaves of a State with their paths, in canonical order."""
    return FlatState(iter_leaves(state), sort=False)


def from_flat_state(flat_state: Mapping[Path, Any] | Iterable[tuple[Path, Any]], *, cls: type[State] = State) -> State:
    """The State with the given leaves, the inverse of ``to_flat_state``; of two equal paths the last wins.

    Raises:
      TypeError: if a path is a proper prefix of another.
    """
    state = nest(flat_state.items() if isinstance(flat_state, Mapping) else flat_state)
    return state if cls is State else cls.view(state.raw_mapping)


def split_state(state: Mapping[Key, Any], first: Filter, /, *filters: Filter) -> Any:
    """The leaves grouped by the first filter that matches: a State for one filter, a tuple of States for several.

    Raises:
      ValueError: if a leaf matches no filter, or a filter follows a catch-all.
    """
    *groups, rest = group_leaves(iter_leaves(state), filters_to_predicates((first, *filters)))
    check_exhaustive(rest)
    return _one_or_all(list(map(nest, groups)))


def filter_state(state: Mapping[Key, Any], first: Filter, /, *filters: Filter) -> Any:
    """As ``split_state``, but leaves that match no filter are dropped."""
    *groups, _ = group_leaves(iter_leaves(state), filters_to_predicates((first, *filters)))
    return _one_or_all(list(map(nest, groups)))


def map_state(function: Callable[[Path, Any], Any], state: Mapping[Key, Any]) -> State:
    """The State with ``function(path, leaf)`` in place of each leaf."""
    return nest((path, function(path, leaf)) for path, leaf in iter_leaves(state))


def _one_or_all(groups: list[Any]) -> Any:
    return groups[0] if len(groups) == 1 else tuple(groups)
