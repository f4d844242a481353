"""Strategies for the laws of Modules: histories of operations as tuples, nestings of containers, dataclass fields."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Leaf, Static
from nnxspec.spec.script.filters import FilterExpr, FilterTree

from .filters import filters
from .leaves import leaves, statics

NAMES = ("a", "b", "_p", "w", "Z", "10", "2", "a b", "kind", "__x", "é", "copy")

THINGS = ("variable", "module", "list", "dict", "rngs", "registered", "unregistered", "reference", "numpy-scalar")
"""Kinds of things that are assigned beside values."""

thing_kinds: SearchStrategy[str] = st.just("value") | st.sampled_from(THINGS)
"""What is assigned: every other time the drawn value itself."""

values: SearchStrategy[Leaf | Static] = leaves("jax", "numpy") | leaves() | statics()
"""Anything an attribute may be given."""

nestings: SearchStrategy[tuple[str, ...]] = st.lists(
    st.sampled_from(("list", "tuple", "dict", "namedtuple")), min_size=1, max_size=4
).map(tuple)
"""Containers around an item, the outermost first; at least one."""

nestings_or_none: SearchStrategy[tuple[str, ...]] = st.just(()) | nestings
"""Containers around an item, or none."""

data_items: SearchStrategy[str] = st.sampled_from(("array", "numpy", "variable", "module"))
"""What is data by its type."""

items: SearchStrategy[str] = st.sampled_from(("array", "numpy", "variable", "module", "data", "static"))
"""What must not be in an unannotated container."""


assignments: SearchStrategy[tuple[Any, ...]] = st.lists(
    st.tuples(st.sampled_from(NAMES), values, st.booleans()), max_size=6, unique_by=lambda assigned: assigned[0]
).map(tuple)
"""Attributes: name, value, whether it is marked as data."""

orders: SearchStrategy[tuple[int, ...]] = st.permutations(range(6)).map(tuple)
"""An order for up to six things."""


def _chunks(step: SearchStrategy[Any], size: int = 6, count: int = 3) -> SearchStrategy[tuple[Any, ...]]:
    chunk = st.lists(step, max_size=size)
    return st.tuples(*[chunk] * count).map(lambda parts: tuple(one for part in parts for one in part))


_names = st.sampled_from(("a", "b", "_p"))
_whats = st.sampled_from(("int", "array", "str", "none", "tuple", "numpy", "variable", "module", "list-of-array"))
_assignment = st.tuples(st.sampled_from(("set", "set", "set", "data", "static", "delete")), _names, _whats)


def _renewed(name: str, before: str, after: str) -> tuple[Any, ...]:
    return (("set", name, before), ("delete", name, before), ("set", name, after))


sticky_histories: SearchStrategy[tuple[Any, ...]] = _chunks(
    _assignment.map(lambda step: (step,)) | st.builds(_renewed, _names, _whats, _whats), size=4
).map(lambda groups: tuple(step for group in groups for step in group))
"""Assignments, annotated assignments and deletions of three attributes; some are deleted and set anew."""

set_around: SearchStrategy[tuple[Any, ...]] = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(("int", "array", "str", "none", "tuple", "numpy", "variable", "module"))
    ),
    max_size=5,
    unique_by=lambda pair: pair[0],
).map(tuple)
"""Names, and values without annotation that an attribute may be given."""

replacements: SearchStrategy[tuple[Any, ...]] = _chunks(
    st.tuples(
        st.sampled_from(("variable", "add", "add", "array", "again")), st.sampled_from(("w", "v")), st.integers(0, 4)
    )
)
"""Attributes set to new and old Variables and to arrays, and Variables updated in place."""

field_kinds: SearchStrategy[tuple[str, ...]] = st.lists(
    st.sampled_from(
        (
            "array",
            "int",
            "data",
            "static",
            "data-default",
            "static-default",
            "data-metadata",
            "static-metadata",
        )
    ),
    max_size=6,
).map(tuple)
"""Fields of a dataclass."""

positions: SearchStrategy[tuple[int, ...]] = st.lists(st.integers(0, 3), min_size=1, max_size=6).map(tuple)
"""Which of a few things stands at each place."""

_MODULE_TYPES = ("nnx.Module", "Block", "Net", "nnx.List")
_module_filters = filters | st.builds(lambda t: FilterExpr("type", (t,)), st.sampled_from(_MODULE_TYPES))

module_filters: SearchStrategy[tuple[FilterTree, ...]] = st.lists(_module_filters.map(FilterTree), max_size=2).map(
    tuple
)
"""No filter, or filters that also know types of Modules."""

flags: SearchStrategy[tuple[int, ...]] = st.lists(st.integers(0, 7), min_size=1, max_size=4).map(tuple)
"""Which booleans the Modules of a graph carry."""

_at = st.integers(-14, 14)
_bound = st.none() | _at
_pick = st.integers(0, 13)
_none = st.just(0)


def _operation(verbs: tuple[str, ...], *operands: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.tuples(st.sampled_from(verbs), *operands)


list_histories: SearchStrategy[tuple[Any, ...]] = _chunks(
    st.one_of(
        _operation(("append", "append", "count", "in", "index", "remove"), _none, _pick, _none),
        _operation(("insert", "set"), _at, _pick, _none),
        _operation(("get", "del", "pop"), _at, _none, _none),
        _operation(("pop-last", "reverse", "clear"), _none, _none, _none),
        _operation(("extend",), _none, _none, _pick),
        _operation(("get-slice",), _bound, _bound, st.none() | st.integers(-3, 3)),
        _operation(("del-slice",), _bound, _bound, st.none() | st.integers(0, 3)),
        _operation(("del-slice-back",), _bound, _bound, st.integers(-3, -1)),
        _operation(("set-slice",), _bound, _bound, st.integers(0, 4)),
    ),
    size=4,
)
"""Operations on a List; ``(verb, a, b, c)``."""

mixed_histories: SearchStrategy[tuple[Any, ...]] = _chunks(
    st.tuples(
        st.sampled_from(("append", "append", "insert", "set", "del", "pop", "reverse", "del-slice", "extend", "swap")),
        _at,
        _pick,
    ),
    size=4,
)
"""Operations on a List of data and static elements."""

LIST_STEPS = (
    *(("append", 0, 0, 0), ("count", 0, 0, 0), ("in", 0, 0, 0), ("index", 0, 1, 0), ("remove", 0, 1, 0)),
    *(
        ("insert", 0, 0, 0),
        ("set", 1, 0, 0),
        ("get", 1, 0, 0),
        ("del", 0, 0, 0),
        ("pop", 0, 0, 0),
        ("pop-last", 0, 0, 0),
    ),
    *(("insert", -1, 0, 0), ("set", -1, 0, 0), ("get", -1, 0, 0), ("del", -1, 0, 0), ("pop", -2, 0, 0)),
    *(("insert", 9, 0, 0), ("get", 2, 0, 0), ("get", -3, 0, 0)),
    *(("reverse", 0, 0, 0), ("clear", 0, 0, 0), ("extend", 0, 0, 2), ("get-slice", None, None, -1)),
    *(("del-slice", 0, 2, 2), ("del-slice", 0, 2, None), ("del-slice-back", None, None, -1), ("set-slice", 0, 1, 3)),
)
"""Every operation of `list_histories` on a List of two elements, from the front, from behind and out of range."""

element_kinds: SearchStrategy[str] = st.sampled_from(("variable", "int", "module", "array"))
"""What the elements of a List or Dict are, all of them."""

comparable_kinds: SearchStrategy[str] = st.sampled_from(("int", "variable", "module"))
"""Kinds of element on which Python's own list can do every operation (arrays have no truth value)."""

KEYS = ("a", "b", "z", "_u", "a b", "0", "10", "2", "layers", "é", "", "__v", "class")

dict_keys: SearchStrategy[str] = st.sampled_from(KEYS)
"""Keys that are no names of methods."""

dict_histories: SearchStrategy[tuple[Any, ...]] = _chunks(
    st.tuples(
        st.sampled_from(
            (
                "set",
                "set",
                "set",
                "update",
                "setdefault",
                "get",
                "get-default",
                "del",
                "pop",
                "pop-default",
                "in",
                "clear",
                "len",
            )
        ),
        dict_keys,
        _pick,
    ),
    size=4,
)
"""Operations on a Dict."""

ANY_KEYS = (
    *KEYS,
    "copy",
    "keys",
    "items",
    "values",
    "get",
    "pop",
    "update",
    "sow",
    "train",
    "self",
    "mapping",
    "_length",
    "__len__",
    "__init__",
    "__class__",
    "__dict__",
    "__module__",
    "_pytree__nodes",
    "_pytree__state",
    "_pytree__x",
    "set_attributes",
    "\n",
    "1.5",
    "None",
)

any_keys: SearchStrategy[tuple[str, ...]] = st.lists(st.sampled_from(ANY_KEYS) | st.text(max_size=4), max_size=4).map(
    lambda keys: tuple(keys) or ("a",)
)
"""Keys of any kind; one at least."""

_floats = st.builds(Leaf, st.just("jax"), st.just("float32"), st.sampled_from(((), (2,))), st.integers(0, 4))

sowings: SearchStrategy[tuple[Any, ...]] = _chunks(
    st.tuples(st.sampled_from(("h", "g", "f")), st.sampled_from((0, 1, 1, 2, 3)), _floats), size=3
)
"""Sowings: name, reducer, value."""
