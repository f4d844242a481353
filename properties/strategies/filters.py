"""Strategies for filter expressions of any depth, and for sequences of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec.script.filters import FilterExpr, FilterTree
from nnxspec.spec.script.world import VARIABLES

TYPES = (*VARIABLES, "nnx.RngState", "nnx.RngKey", "nnx.RngCount", "jax.Array", "np.ndarray", "int", "object")
TAGS = ("t", "u", "params", "dropout", "default", "nowhere")
KEYS: tuple[str | int, ...] = ("a", "b", "c", 0, 1, "0", "key", "count", "value")


_BASIC: dict[str, SearchStrategy[FilterExpr]] = {
    "type": st.builds(lambda t: FilterExpr("type", (t,)), st.sampled_from(TYPES)),
    "of-type": st.builds(lambda t: FilterExpr("of-type", (t,)), st.sampled_from(TYPES)),
    "tag": st.builds(lambda t: FilterExpr("tag", (t,)), st.sampled_from(TAGS)),
    "with-tag": st.builds(lambda t: FilterExpr("with-tag", (t,)), st.sampled_from(TAGS)),
    "path-contains": st.builds(lambda k, e: FilterExpr("path-contains", (k, e)), st.sampled_from(KEYS), st.booleans()),
    "path-in": st.builds(
        lambda p: FilterExpr("path-in", tuple(p)),
        st.lists(st.lists(st.sampled_from(KEYS), max_size=2).map(tuple), max_size=3),
    ),
    "lambda": st.builds(lambda i: FilterExpr("lambda", (i,)), st.integers(0, 2)),
    "none": st.builds(lambda i: FilterExpr("none", (i,)), st.integers(0, 3)),
    "all": st.builds(lambda i: FilterExpr("all", (i,)), st.integers(0, 2)),
}


def _compound(inner: SearchStrategy[FilterExpr]) -> SearchStrategy[FilterExpr]:
    several = st.lists(inner, max_size=3).map(tuple)
    kinds = st.sampled_from(("any-of", "all-of", "list", "tuple"))
    return st.builds(FilterExpr, kinds, several) | st.builds(lambda f: FilterExpr("not", (f,)), inner)


basic: SearchStrategy[FilterExpr] = st.one_of(*_BASIC.values())
"""Filter expressions without parts."""

filters: SearchStrategy[FilterExpr] = st.recursive(basic, _compound, max_leaves=4)
"""Filter expressions; as input of a law they become live filters."""

filter_data: SearchStrategy[FilterTree] = filters.map(FilterTree)
"""The same as neutral trees, for laws with an oracle."""


def near(f: FilterExpr) -> SearchStrategy[FilterExpr]:
    """Filters that differ from one in a single place, or in nothing: in an argument, a part, the order of the parts, or
    in how the parts are combined.
    """
    if f.kind in ("any-of", "all-of", "list", "tuple") and f.args:
        kinds = st.sampled_from(("any-of", "all-of", "list", "tuple")).map(lambda kind: FilterExpr(kind, f.args))
        turned = st.sampled_from((f.args[::-1], f.args[1:], (*f.args, f.args[0]))).map(
            lambda args: FilterExpr(f.kind, args)
        )
        at = st.integers(0, len(f.args) - 1)
        part = at.flatmap(
            lambda i: near(f.args[i]).map(lambda g: FilterExpr(f.kind, (*f.args[:i], g, *f.args[i + 1 :])))
        )
        return st.one_of(kinds, turned, part)
    if f.kind == "not":
        return near(f.args[0]).map(lambda g: FilterExpr("not", (g,))) | st.just(f.args[0])
    if f.kind == "path-in":
        other = st.lists(st.sampled_from(KEYS), max_size=2).map(lambda path: (*f.args[:-1], tuple(path)))
        same = st.sampled_from((f.args[::-1], f.args * 2, f.args))
        return st.one_of(other, other, same).map(lambda args: FilterExpr(f.kind, args))
    same_kind = _BASIC.get(f.kind, basic)
    return same_kind | same_kind | basic


def each_near() -> list[tuple[FilterExpr, FilterExpr]]:
    """For every kind of filter two that differ in one argument or part, or in the order of two parts."""
    keys: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]] = [
        *(
            ("path-in", (("a",),), (("b",),)),
            ("path-in", (("a",),), ()),
            ("path-in", (("a",), ("b",)), (("b",), ("a",))),
        ),
        *(("path-contains", ("a", True), ("b", True)), ("path-contains", ("a", True), ("a", False))),
        *(("type", TYPES[:1], TYPES[1:2]), ("of-type", TYPES[:1], TYPES[1:2]), ("tag", TAGS[:1], TAGS[1:2])),
        *(("with-tag", TAGS[:1], TAGS[1:2]), ("lambda", (0,), (1,))),
    ]
    pairs = [(FilterExpr(kind, one), FilterExpr(kind, two)) for kind, one, two in keys]
    parts = pairs[0]
    for kind in ("any-of", "all-of", "list", "tuple"):
        pairs += [(FilterExpr(kind, parts), FilterExpr(kind, other)) for other in (parts[::-1], parts[:1], parts * 2)]
    return [*pairs, (FilterExpr("not", parts[:1]), FilterExpr("not", parts[1:]))]


_CATCH_ALL = FilterExpr("all", (0,))


def _is_catch_all(f: FilterExpr) -> bool:
    # Only the literals count as catch-alls; nnx.Everything() is an ordinary predicate.
    return f.kind == "all" and f.code() in ("...", "True")


def partitions(max_size: int = 4) -> SearchStrategy[tuple[FilterExpr, ...]]:
    """Exhaustive sequences: some filters, a catch-all last; the empty sequence too."""
    body = st.lists(filters.filter(lambda f: not _is_catch_all(f)), max_size=max_size - 1)
    return st.just(()) | body.map(lambda fs: (*fs, _CATCH_ALL))


def parts(max_size: int = 4) -> SearchStrategy[tuple[FilterExpr, ...]]:
    """Sequences of one or more filters without a literal catch-all before the end, with or without one at the end."""
    body = st.lists(filters.filter(lambda f: not _is_catch_all(f)), min_size=1, max_size=max_size)
    return body.map(tuple) | body.map(lambda fs: (*fs, _CATCH_ALL))
