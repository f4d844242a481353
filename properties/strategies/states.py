"""Strategies for flat states made from nothing: sets of paths without conflicts, with Variables and raw values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Metadata
from nnxspec.spec.script.filters import FilterExpr, FilterTree
from nnxspec.spec.script.states import FlatLeaves, Held

from .filters import filters, partitions, parts
from .leaves import leaves, metadata

Path = tuple[int | str, ...]

KINDS = ("nnx.Param", "", "nnx.BatchStat", "nnx.Variable", "Kernel")
"""Code of the Variable classes of hand-made leaves; the empty one stands for a raw value."""
RAW = ("jax", "numpy", "key", "weak", "python")
KEYS: tuple[int | str, ...] = ("a", "b", 0, "c", 1, 10, "0", "keys", "_x", 2)
NUMBER_LIKE: tuple[int | str, ...] = ("0", "1", 0, "00", "+1", "a", 1, "-1", " 1", "1_0", "10", "\u0663", "1.0")


def paths(keys: tuple[int | str, ...] = KEYS, *, max_depth: int = 3) -> SearchStrategy[Path]:
    """One path that is not empty; most begin with one of two keys, so that paths meet in branches."""
    ends = st.lists(st.sampled_from(keys), min_size=1, max_size=max(max_depth - 1, 1)).map(tuple)
    starts: SearchStrategy[Path] = st.sampled_from(((), keys[:1], keys[:1], keys[1:2]))
    return ends if max_depth == 1 else st.tuples(starts, ends).map(lambda parts: parts[0] + parts[1])


def without_conflicts(items: Iterable[tuple[Path, Any]], *, mixed: bool) -> tuple[tuple[Path, Any], ...]:
    """The items whose path is no prefix of, and does not extend, one kept before.

    Args:
        items: (path, anything).
        mixed: whether ints and strs may be keys of the same branch.
    """
    kept: dict[Path, Any] = {}
    for path, item in items:
        if all(_fit(path, other, mixed) for other in kept):
            kept[path] = item
    return tuple(kept.items())


def _fit(path: Path, other: Path, mixed: bool) -> bool:
    for one, two in zip(path, other, strict=False):
        if one != two:
            return mixed or isinstance(one, int) == isinstance(two, int)
    return False


def chunks(element: SearchStrategy[Any], *, count: int = 3, size: int = 4) -> SearchStrategy[list[Any]]:
    """A list in a few chunks: drawn in one go it is too often empty, and a least length hinders shrinking."""
    return st.tuples(*[st.lists(element, max_size=size)] * count).map(lambda found: [x for part in found for x in part])


def path_sets(
    keys: tuple[int | str, ...] = KEYS, *, mixed: bool = False, max_depth: int = 3
) -> SearchStrategy[tuple[Path, ...]]:
    """Sets of paths without conflicts, in any order."""
    return chunks(paths(keys, max_depth=max_depth)).map(
        lambda ps: tuple(p for p, _ in without_conflicts(((p, None) for p in ps), mixed=mixed))
    )


def held(kinds: tuple[str, ...] = KINDS, holders: tuple[str, ...] = (), *, plain: bool = False) -> SearchStrategy[Held]:
    """One leaf.

    Args:
        kinds: classes to choose from, see `KINDS`.
        holders: holders of values; by default any in a Variable, and those of `RAW` elsewhere.
        plain: no metadata.
    """

    def one(kind: str) -> SearchStrategy[Held]:
        entries = st.just(Metadata()) if plain or not kind else metadata(hashable=True)
        return st.builds(Held, st.just(kind), leaves(*(holders or (() if kind else RAW))), entries)

    return st.sampled_from(kinds).flatmap(one)


def flat_leaves(leaf: SearchStrategy[Held] | None = None, *, mixed: bool = False) -> SearchStrategy[FlatLeaves]:
    """Flat states; in every other one of them some branch, or the root, has neighbouring numbers as keys, often up to
    10 and more.
    """
    leaf = held() if leaf is None else leaf
    drawn = st.tuples(st.just([]) | _rows(leaf), chunks(st.tuples(paths(), leaf)))
    return drawn.map(lambda parts: FlatLeaves(without_conflicts((*parts[0], *parts[1]), mixed=mixed)))


def _rows(item: SearchStrategy[Any]) -> SearchStrategy[list[tuple[Path, Any]]]:
    starts: SearchStrategy[Path] = st.sampled_from(((), ("a",), ("b",)))
    return st.builds(
        lambda start, first, items: [((*start, first + i), one) for i, one in enumerate(items)],
        starts,
        st.sampled_from((0, 8, 9)),
        st.lists(item, min_size=2, max_size=5),
    )


def overlapping(count: int) -> SearchStrategy[tuple[FlatLeaves, ...]]:
    """Several flat states that share paths and never have a leaf where another has a branch."""
    some = st.none() | held() | held()
    drawn = chunks(st.tuples(paths(), st.tuples(*[some] * count)))

    def deal(items: list[tuple[Path, tuple[Held | None, ...]]]) -> tuple[FlatLeaves, ...]:
        fitting = without_conflicts(items, mixed=False)
        return tuple(
            FlatLeaves(tuple((path, row[i]) for path, row in fitting if row[i] is not None)) for i in range(count)
        )

    return drawn.map(deal)


def filter_trees(*, exhaustive: bool = False, max_size: int = 4) -> SearchStrategy[tuple[FilterTree, ...]]:
    """Sequences of one or more filters as neutral trees; exhaustive ones end with a literal catch-all."""
    source = partitions(max_size).filter(bool) if exhaustive else parts(max_size)
    return source.map(lambda fs: tuple(FilterTree(f) for f in fs))


orders: SearchStrategy[tuple[int, ...]] = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(tuple)
"""Weights by which a law puts up to five things in another order, see `nnxspec.spec.flat.reordered`."""

_CATCH_ALLS = st.sampled_from((FilterExpr("all", (0,)), FilterExpr("all", (1,))))

_misplaced = st.tuples(st.lists(filters, max_size=1), _CATCH_ALLS, filters, st.lists(filters | _CATCH_ALLS, max_size=1))

catch_all_anywhere: SearchStrategy[tuple[FilterTree, ...]] = (
    st.lists(filters | _CATCH_ALLS, min_size=1, max_size=4) | _misplaced.map(lambda p: [*p[0], p[1], p[2], *p[3]])
).map(lambda fs: tuple(FilterTree(f) for f in fs))
"""Sequences of filters with literal catch-alls at any position, misplaced in more than half of them."""
