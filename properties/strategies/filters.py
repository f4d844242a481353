"""Strategies for filter expressions of any depth, and for sequences of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec.script.filters import FilterExpr, FilterTree
from nnxspec.spec.script.world import VARIABLES

TYPES = (*VARIABLES, "nnx.RngState", "nnx.RngKey", "nnx.RngCount", "jax.Array", "np.ndarray", "int", "object")
TAGS = ("t", "u", "params", "dropout", "default", "nowhere")
KEYS: tuple[str | int, ...] = ("a", "b", "c", 0, 1, "0", "key", "count", "value")


def _basic() -> SearchStrategy[FilterExpr]:
    paths = st.lists(st.sampled_from(KEYS), max_size=2).map(tuple)
    return st.one_of(
        st.builds(lambda t: FilterExpr("type", (t,)), st.sampled_from(TYPES)),
        st.builds(lambda t: FilterExpr("of-type", (t,)), st.sampled_from(TYPES)),
        st.builds(lambda t: FilterExpr("tag", (t,)), st.sampled_from(TAGS)),
        st.builds(lambda t: FilterExpr("with-tag", (t,)), st.sampled_from(TAGS)),
        st.builds(lambda k, e: FilterExpr("path-contains", (k, e)), st.sampled_from(KEYS), st.booleans()),
        st.builds(lambda p: FilterExpr("path-in", tuple(p)), st.lists(paths, max_size=3)),
        st.builds(lambda i: FilterExpr("lambda", (i,)), st.integers(0, 2)),
        st.builds(lambda i: FilterExpr("none", (i,)), st.integers(0, 3)),
        st.builds(lambda i: FilterExpr("all", (i,)), st.integers(0, 2)),
    )


def _compound(inner: SearchStrategy[FilterExpr]) -> SearchStrategy[FilterExpr]:
    several = st.lists(inner, max_size=3).map(tuple)
    kinds = st.sampled_from(("any-of", "all-of", "list", "tuple"))
    return st.builds(FilterExpr, kinds, several) | st.builds(lambda f: FilterExpr("not", (f,)), inner)


filters: SearchStrategy[FilterExpr] = st.recursive(_basic(), _compound, max_leaves=4)
"""Filter expressions; as input of a law they become live filters."""

filter_data: SearchStrategy[FilterTree] = filters.map(FilterTree)
"""The same as neutral trees, for laws with an oracle."""

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
