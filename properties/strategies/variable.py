"""Strategies for the laws on Variables: classes, indices, operators, and histories as tuples of plain operations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Leaf
from nnxspec.spec.script import Index, VariableClass
from nnxspec.spec.script.world import VARIABLES

kinds: SearchStrategy[VariableClass] = st.builds(VariableClass, st.integers(0, len(VARIABLES) - 1))
"""Classes of Variables, among them a hierarchy of depth 3."""

NAMES = ("note", "tag", "scale", "extra", "a", "type", "copy", "")
entries: SearchStrategy[Any] = st.sampled_from((0, 1, True, 1.0, "s", None, (1, "x"), (), -0.0))
"""Values of metadata entries, equal ones of different type among them."""
metadata_names: SearchStrategy[str] = st.sampled_from(NAMES)

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
BITWISE = ("and_", "or_", "xor", "lshift", "rshift")
COMPARISON = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = ("neg", "pos", "abs", "invert", "round", "round-1", "floor", "ceil", "trunc", "bool", "int", "float", "complex")
UNARY += ("index", "len", "list", "format", "format-.1f", "not_")
_OF_ROWS = ("neg", "pos", "abs", "invert", "round", "len", "list")
_OF_FRACTIONS = ("round-1", "floor", "ceil", "trunc", "int", "format-.1f")

FEW_DTYPES = ("float32", "int32", "bool")


def few_arrays(*shapes: tuple[int, ...], dtypes: tuple[str, ...] = FEW_DTYPES) -> SearchStrategy[Leaf]:
    """jax arrays of few shapes and dtypes: every new combination costs a compilation."""
    few = shapes or ((), (2,))
    return st.builds(Leaf, st.just("jax"), st.sampled_from(dtypes), st.sampled_from(few), st.integers(0, 5))


SIDES = ("left", "right", "both")
BINARY = (*COMPARISON, *ARITHMETIC, *BITWISE, "divmod", "contains")

uses: SearchStrategy[tuple[str, str]] = st.one_of(
    st.tuples(st.just("unary"), st.sampled_from(UNARY)),
    st.tuples(st.sampled_from(SIDES), st.sampled_from(BINARY)),
)
"""An operator, and on which side of it the Variable stands."""


def each_operator() -> list[dict[str, Any]]:
    """Every operator on every side once, each with values that support it: of those that are drawn few do."""
    row, other = Leaf("jax", "int32", (2,), 1), Leaf("jax", "int32", (2,), 2)
    fraction, one = Leaf("python", seed=1), Leaf("python", seed=0)
    held = dict.fromkeys(_OF_ROWS, row) | dict.fromkeys(_OF_FRACTIONS, fraction)
    unary = [{"use": ("unary", name), "value": held.get(name, one), "other": other} for name in UNARY]
    return unary + [{"use": (side, name), "value": row, "other": other} for name in BINARY for side in SIDES]


numbers: SearchStrategy[Leaf] = st.builds(Leaf, st.just("python"), seed=st.integers(0, 4))
"""Python numbers."""

operands: SearchStrategy[Leaf] = few_arrays() | numbers
numpy_arrays: SearchStrategy[Leaf] = st.builds(
    Leaf,
    st.just("numpy"),
    st.sampled_from(("float32", "int32", "float64")),
    st.sampled_from(((2,), ())),
    st.integers(0, 5),
)

float_numpy: SearchStrategy[Leaf] = st.builds(
    Leaf, st.just("numpy"), st.just("float32"), st.just((2,)), st.integers(0, 5)
)

values: SearchStrategy[Leaf] = st.one_of(
    numbers,
    few_arrays(),
    numpy_arrays,
    st.builds(Leaf, st.just("list"), st.just("int32"), st.just(()), st.integers(0, 2)),
)
"""Values with operators: numbers, arrays, lists."""

edits: SearchStrategy[Any] = st.tuples(st.sampled_from(("set", "delete", "keep")), metadata_names, entries)
"""One edit of metadata."""

_small = st.integers(-3, 4)
_bounds = st.sampled_from((None, 0, 1, 2, -1, 5))
_steps = st.sampled_from((None, 1, 2, -1, 2, -2))
_slices = st.tuples(st.none() | _bounds, st.none() | _bounds, _steps).map(lambda bounds: ("slice", *bounds))


def _arrays(holder: str) -> SearchStrategy[tuple[Any, ...]]:
    ints = st.lists(_small, min_size=1, max_size=2).map(lambda values: (f"{holder}-ints", *values))
    grid = st.lists(_small, min_size=2, max_size=2).map(lambda values: (f"{holder}-ints", tuple(values)))
    masks = st.sampled_from(((True, False), (True, True, False), ((True, False, True), (False, False, True))))
    return ints | grid | masks.map(lambda mask: (f"{holder}-mask", *mask)) | _small.map(lambda i: (f"{holder}-int", i))


_plain_parts: SearchStrategy[tuple[Any, ...]] = st.one_of(
    st.sampled_from((2, 3, -1, -4)).map(lambda i: ("int", i)),
    _small.map(lambda i: ("int", i)),
    _slices,
    st.just(("ellipsis",)),
    st.just(("none",)),
)
_array_parts = _arrays("np") | _arrays("jnp")
_illegal_parts: SearchStrategy[tuple[Any, ...]] = st.sampled_from(
    (
        ("list", 0, 1),
        ("str", "a"),
        ("float", 1.5),
        ("np-floats", 0.0, 1.0),
        ("jnp-floats", 0.0),
        ("bool", True),
        ("list",),
    )
)

plain_indices: SearchStrategy[Index] = st.one_of(
    _plain_parts.map(lambda part: Index((part,))),
    _slices.map(lambda part: Index((part,))),
    st.just(Index((("ellipsis",),))),
    st.lists(_plain_parts | _array_parts, max_size=2).map(lambda parts: Index(tuple(parts), False)),
)
"""Indices of numpy's style: integers, slices, None, ..., and tuples of these and of arrays; some are too long."""

_CHOSEN: tuple[tuple[tuple[int, ...], tuple[Any, ...]], ...] = (
    *(
        ((), ("int", 1)),
        ((), ("int", -1)),
        ((3,), ("ellipsis",)),
        ((1, 3), ("none",)),
        ((3,), ("slice", None, None, -1)),
    ),
    *(((2,), ("slice", None, None, 2)), ((2,), ("slice", None, None, -2)), ((2,), ("slice", 1, None, None))),
    *(((2,), ("slice", None, -1, None)), ((1,), ("slice", 1, 2, 1))),
)


def each_index() -> list[dict[str, Any]]:
    """Every kind of plain index once, with every part of a slice, and with numbers as many as it chooses of three."""
    raw = Leaf("jax", "int32", (3,), 1)
    return [
        {"kind": VariableClass(0), "raw": raw, "history": ((Index((part,)), Leaf("jax", "int32", shape, 2)),)}
        for shape, part in _CHOSEN
    ]


all_indices: SearchStrategy[Index] = st.one_of(
    plain_indices,
    _array_parts.map(lambda part: Index((part,))),
    _illegal_parts.map(lambda part: Index((part,))),
    st.lists(_plain_parts | _array_parts | _illegal_parts, max_size=3).map(lambda parts: Index(tuple(parts), False)),
)
"""Every kind of index, bare arrays and illegal ones too."""


def histories(*columns: SearchStrategy[Any], max_size: int = 5) -> SearchStrategy[tuple[tuple[Any, ...], ...]]:
    """Tuples of operations, each a tuple with one element of every column."""
    return st.lists(st.tuples(*columns), min_size=1, max_size=max_size).map(tuple)
