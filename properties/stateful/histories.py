"""Strategies for histories: tuples of a verb and small operands, drawn in a few chunks.

A trip (split and merge, a copy, pickle) is drawn about every fifth time, so that operations stand before and after it.
"""

from __future__ import annotations

import operator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec.laws.histories.trips import TRIPS

History = tuple[tuple[Any, ...], ...]

_number = st.integers(0, 9)
_small = st.integers(0, 4)


def _verbs(*verbs: str, trips: tuple[str, ...] = TRIPS) -> SearchStrategy[str]:
    return st.sampled_from((*(verb for verb in verbs for _ in range(max(1, 4 * len(trips) // len(verbs)))), *trips))


def histories(*columns: SearchStrategy[Any], count: int = 3, size: int = 5) -> SearchStrategy[History]:
    """Histories of operations with one element of every column, in chunks: one list is too often empty."""
    chunk = st.lists(st.tuples(*columns), max_size=size)
    return st.tuples(*[chunk] * count).map(lambda parts: tuple(one for part in parts for one in part))


def _after(verb: str, columns: SearchStrategy[Any], more: SearchStrategy[History]) -> SearchStrategy[History]:
    """Histories that begin, every other time, with up to four operations of one kind that fill what is there."""
    filling = st.lists(columns.map(lambda drawn: (verb, *drawn)), min_size=1, max_size=4).map(tuple)
    return more | st.builds(operator.add, filling, more)


def each_on_filled(filling: History, verbs: tuple[str, ...], *operands: Any) -> list[dict[str, Any]]:
    """Examples of a history with each operation, and each trip, once, on what is filled first."""
    return [{"history": (*filling, (verb, *operands))} for verb in (*verbs, *TRIPS)]


LIST_VERBS = ("append", "insert", "set", "append", "del", "pop", "pop-last", "del-slice", "extend", "reverse", "clear")
_list_columns = (st.integers(0, 1), st.integers(-6, 6), _number)

list_histories: SearchStrategy[History] = _after(
    "append", st.tuples(*_list_columns), histories(_verbs(*LIST_VERBS), *_list_columns)
)
"""Operations on one of two Lists: verb, which, index, element."""

DICT_VERBS = ("set", "set", "update", "setdefault", "del", "pop", "clear")
_dict_columns = (st.integers(0, 1), st.sampled_from(("a", "b", "_u", "0", "10", "2", "a b")), _number)

dict_histories: SearchStrategy[History] = _after(
    "set", st.tuples(*_dict_columns), histories(_verbs(*DICT_VERBS), *_dict_columns)
)
"""Operations on one of two Dicts: verb, which, key, element."""

_graph_columns = (_small, st.sampled_from(("a", "b", "_p", "w")), _small)

graph_histories: SearchStrategy[History] = st.tuples(
    histories(st.sampled_from(("block", "dict", "variable", "variable", "alias")), *_graph_columns, count=2, size=3),
    histories(
        _verbs(
            *("block", "dict", "variable", "array", "static", "alias", "alias", "delete", "write", "tag", "update"),
            trips=TRIPS[:4],
        ),
        *_graph_columns,
        count=2,
    ),
).map(lambda parts: parts[0] + parts[1])
"""Operations on a graph, makers first: verb, which node or Variable, name, number."""


def apart_after_trips() -> dict[str, Any]:
    """A history in which two nodes of one class get a name with two statuses, anew after each trip."""
    steps: list[tuple[Any, ...]] = [("block", 0, "a", 0), ("block", 1, "b", 0)]
    for trip, name in zip(TRIPS[:4], ("w", "_p", "a", "b"), strict=True):
        steps += [(trip, 0, "a", 0), ("array", 0, name, 1), ("static", 1, name, 2)]
    return {"history": tuple(steps)}


state_histories: SearchStrategy[History] = histories(
    _verbs(
        *("set", "set", "set-attribute", "delete", "merge", "or", "minus"),
        trips=("flat", "map", "pickle", "split", "again"),
    ),
    _small,
    _small,
    _number,
)
"""Operations on a State: verb, place, key, number."""

rng_histories: SearchStrategy[History] = histories(
    _verbs("draw", "draw", "fork", "split", "lend", "jump"), _small, st.integers(1, 2), size=3
)
"""Operations on an Rngs: verb, which stream, number."""

metadata_histories: SearchStrategy[History] = histories(
    _verbs("set", "set", "replace-all", "delete", "write", "copy", "copy-from", "share", "update"),
    _small,
    st.sampled_from(("note", "tag", "scale")),
    st.sampled_from((0, 1, True, 1.0, "s", None, (1, "x"))),
    size=4,
)
"""Operations on the Variables of a Module: verb, which attribute, name and value of an entry."""
