"""Filters: short descriptions of which leaves are meant, by Variable type, path, tag, or any predicate.

A filter is turned into a predicate ``(path, leaf) -> truth value``. Where several filters are given, each leaf
belongs to the first that matches it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any as AnyType
from typing import TypeAlias

import jax
import numpy as np

from .paths import Path
from .variable import Variable

Predicate: TypeAlias = Callable[[Path, AnyType], AnyType]
Filter: TypeAlias = "str | type | bool | EllipsisType | None | Predicate | Sequence[Filter]"


def to_predicate(filter: Filter) -> Predicate:
    """The predicate that a filter stands for.

    ====================  ===================================
    filter                matches
    ====================  ===================================
    a str                 leaves with that tag (``WithTag``)
    a type                leaves of that type (``OfType``)
    ``...``, ``True``     everything
    ``None``, ``False``   nothing
    a callable            what it says
    a list or tuple       what any of its elements matches
    ====================  ===================================

    Raises:
      TypeError: if the object is none of these.
    """
    if isinstance(filter, str):
        return WithTag(filter)
    if isinstance(filter, type):
        return OfType(filter)
    if _is_catch_all(filter):
        return Everything()
    if filter is False or filter is None:
        return Nothing()
    if isinstance(filter, Variable):
        raise TypeError(f"a Variable is no filter; to select Variables of its type pass {type(filter).__name__} itself")
    if callable(filter):
        return filter
    if isinstance(filter, (list, tuple)):
        return Any(*filter)
    raise TypeError(
        f"{filter!r} is no filter: use a type, a str (tag), a callable, ..., a bool, None, or a list of these"
    )


def filters_to_predicates(filters: Sequence[Filter]) -> tuple[Predicate, ...]:
    """The predicates of a sequence of filters in which the first match decides.

    Raises:
      ValueError: if another filter follows a catch-all (``...`` or ``True``), where it could never match.
      TypeError: if an element is no filter.
    """
    predicates = tuple(map(to_predicate, filters))
    catch_all_at: int | None = None
    for i, filter in enumerate(filters):
        if _is_catch_all(filter):
            catch_all_at = i if catch_all_at is None else catch_all_at
        elif catch_all_at is not None:
            raise ValueError(
                f"filter {i}, {filter!r}, comes after the catch-all at position {catch_all_at} and would match "
                "nothing; put `...` and `True` last"
            )
    return predicates


def first_match(predicates: Sequence[Predicate], path: Path, leaf: AnyType) -> int:
    """The index of the first predicate that matches the leaf; ``len(predicates)`` if none does."""
    for i, predicate in enumerate(predicates):
        if predicate(path, leaf):
            return i
    return len(predicates)


def group_leaves(
    leaves: Iterable[tuple[Path, AnyType]], predicates: Sequence[Predicate]
) -> list[list[tuple[Path, AnyType]]]:
    """The leaves grouped by first match, in their order: one list per predicate, and last the unmatched rest."""
    groups: list[list[tuple[Path, AnyType]]] = [[] for _ in range(len(predicates) + 1)]
    of_type: dict[type, list[tuple[Path, AnyType]]] = {}  # one look at a Variable is enough where its type decides
    type_decides = all(map(_looks_at_type, predicates))
    for path, leaf in leaves:
        group = of_type.get(type(leaf))
        if group is None:
            group = groups[first_match(predicates, path, leaf)]
            if type_decides and isinstance(leaf, Variable):
                of_type[type(leaf)] = group
        group.append((path, leaf))
    return groups


def _looks_at_type(predicate: Predicate) -> bool:
    """Whether a predicate looks at nothing of a Variable but its type."""
    if type(predicate) in (Any, All, Not):
        return all(map(_looks_at_type, predicate.predicates))  # type: ignore[attr-defined]  # it is a combination
    return type(predicate) in (OfType, Everything, Nothing)


def check_exhaustive(rest: Sequence[tuple[Path, AnyType]]) -> None:
    """Refuses a non-empty rest with ValueError."""
    if rest:
        path, leaf = rest[0]
        raise ValueError(
            f"{len(rest)} leaves match no filter, the first is a {type(leaf).__name__} at {path!r}; "
            "add `...` as the last filter to collect the rest"
        )


def _is_catch_all(filter: AnyType) -> bool:
    return filter is ... or filter is True


@dataclass(frozen=True)
class OfType:
    """Matches instances of a type; a Variable is judged by its own class, not by the value that it holds."""

    type: type

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return issubclass(type(leaf), self.type) if isinstance(leaf, Variable) else isinstance(leaf, self.type)


@dataclass(frozen=True)
class WithTag:
    """Matches Variables whose metadata entry ``tag``, and streams whose name, is the given str."""

    tag: str

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        if isinstance(leaf, Variable):
            tag = leaf.get_metadata("tag", None)
        else:
            tag = None if isinstance(leaf, jax.Array | np.ndarray | np.generic) else getattr(leaf, "tag", None)
        return isinstance(tag, str) and tag == self.tag


@dataclass(frozen=True)
class PathContains:
    """Matches paths with the element ``key``; if not ``exact``, paths with an element whose text contains its text."""

    key: AnyType
    exact: bool = True

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        if self.exact:
            return self.key in path
        return any(str(self.key) in str(element) for element in path)


class PathIn:
    """Matches the given paths, whole."""

    def __init__(self, *paths: Path) -> None:
        self.paths = frozenset(paths)

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return path in self.paths

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathIn) and self.paths == other.paths

    def __hash__(self) -> int:
        return hash((PathIn, self.paths))

    def __repr__(self) -> str:
        return f"PathIn({', '.join(map(repr, self.paths))})"


class _Combination:
    """A filter made of filters; two are equal if they are of one kind with equal parts in the same order."""

    def __init__(self, *filters: Filter) -> None:
        self.predicates = tuple(map(to_predicate, filters))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.predicates == other.predicates

    def __hash__(self) -> int:
        return hash((type(self), self.predicates))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.predicates))})"


class Any(_Combination):
    """Matches what at least one of the filters matches."""

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return any(predicate(path, leaf) for predicate in self.predicates)


class All(_Combination):
    """Matches what every one of the filters matches."""

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return all(predicate(path, leaf) for predicate in self.predicates)


class Not(_Combination):
    """Matches what the filter does not match."""

    def __init__(self, filter: Filter, /) -> None:
        super().__init__(filter)

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return not self.predicates[0](path, leaf)


class Everything(_Combination):
    """Matches every leaf; the literals ``...`` and ``True``."""

    def __init__(self) -> None:
        super().__init__()

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return True


class Nothing(_Combination):
    """Matches no leaf; the literals ``None`` and ``False``."""

    def __init__(self) -> None:
        super().__init__()

    def __call__(self, path: Path, leaf: AnyType) -> bool:
        return False
