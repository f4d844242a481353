"""For which inputs the laws of the term Variable state are checked."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Leaf
from nnxspec.spec.laws.state import algebra, flattening, mapping, values
from nnxspec.spec.script.states import FlatLeaves, Held

from .strategies import PLAIN, arrays, filter_data, graphs, metadata
from .strategies.edits import edits
from .strategies.states import NUMBER_LIKE, filter_trees, flat_leaves, held, orders, overlapping, path_sets, paths


def _dtype(leaf: Leaf) -> str:
    return "threefry2x32" if leaf.holder == "key" else "int32" if leaf.dtype == "int32" else "float32"


def _like(leaf: Leaf, given: tuple[str, tuple[int, ...]] | None) -> Leaf:
    dtype, shape = given or (leaf.dtype, (2,) if leaf.shape else ())
    leaf = replace(leaf, dtype=dtype, shape=shape, seed=leaf.seed % 6)
    return replace(leaf, dtype=_dtype(leaf))


_KEYS = ("a", "b", "c", 0, 1)
_HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(("set", "set-branch", "set-attribute", "delete")),
        st.integers(0, 9),
        st.sampled_from(_KEYS),
        arrays(),
    ),
    max_size=8,
).map(tuple)
# All leaves have one holder, and often one kind, dtype and shape: two are often equal or differ in a number alone.
_ALIKE = st.shared(
    st.tuples(
        st.sampled_from(("jax", "numpy", "key", "python")),
        st.sampled_from((("nnx.Param", "", "nnx.BatchStat"), ("nnx.Param",), ("",))),
        st.sampled_from((None, ("float32", (2,)), ("int32", ()))),
    ),
    key="state.equality",
)
# Seed 6 gives NaN: whether a State that holds one equals another is free.
_COMPARED = _ALIKE.flatmap(
    lambda alike: held(alike[1], alike[:1], plain=True).map(lambda h: replace(h, leaf=_like(h.leaf, alike[2])))
)


def each_difference() -> list[dict[str, Any]]:
    """States of one leaf, of every holder and kind, that differ in a number or in the kind alone."""
    held_as = [
        (kind, Leaf(holder, "threefry2x32" if holder == "key" else "float32", (2,), 1))
        for holder in ("numpy", "jax", "key", "python")
        for kind in ("nnx.Param", "", "nnx.BatchStat")
    ]
    changed = [(kind, leaf, kind, replace(leaf, seed=2)) for kind, leaf in held_as]
    changed += [(kind, leaf, "nnx.Variable", leaf) for kind, leaf in held_as]
    return [
        {"make": FlatLeaves(((("a",), Held(kind, leaf)),)), "edit": ("change", 0, 0), "leaf": Held(other, new)}
        for kind, leaf, other, new in changed
    ]


_STR_FIRST = paths(("a", "b"), max_depth=3)
_AXES = st.sampled_from((0, 1, -1, None, 2))

_bound = st.none() | st.none() | st.integers(-4, 4)
test_state_flat_bijection = bind(
    flattening.flat_bijection,
    make=flat_leaves(),
    piece=st.tuples(_bound, _bound, st.sampled_from((None, -1, 2, -1, -2))),
)
test_state_flat_conflicts = bind(
    flattening.flat_conflicts, path=_STR_FIRST, below=paths(), values=st.tuples(arrays(), arrays(), arrays())
)
test_state_int_paths_lossless = bind(
    flattening.int_paths_lossless,
    paths=path_sets(("a", 0, "b", 1, "x1", 10)),
    odd=path_sets(NUMBER_LIKE, mixed=True, max_depth=2),
)
test_state_merge_algebra = bind(algebra.merge_algebra, makes=overlapping(3))
test_state_merge_conflict_uniform = bind(
    algebra.merge_conflict_uniform, path=_STR_FIRST, below=paths(), leaf=held(), other=held()
)
test_state_operators = bind(algebra.operators, makes=overlapping(2))
test_state_split_merge = bind(
    algebra.split_merge,
    make=graphs(*PLAIN),
    filters=filter_trees(exhaustive=True),
    some=filter_trees(),
    order=orders,
)
test_state_mapping = bind(mapping.mapping, make=flat_leaves(), history=_HISTORIES)
test_state_equality = bind(
    mapping.equality,
    tried_first=lambda _: each_difference(),
    make=flat_leaves(_COMPARED),
    edit=edits() | edits("change") | edits("change"),
    leaf=_COMPARED,
)
test_state_pytree = bind(mapping.pytree, make=flat_leaves(held(holders=("jax",)), mixed=True), order=orders)
test_state_pure_dict = bind(
    values.pure_dict,
    make=graphs(*PLAIN),
    value=arrays(),
    chosen=st.integers(0, 2),
    digits=st.booleans(),
    edit=edits("add", "add-tree", "rename"),
)
test_state_path_axes = bind(
    values.path_axes,
    axes=path_sets().flatmap(lambda ps: st.tuples(*[st.tuples(st.just(p), _AXES) for p in ps])),
    held=st.booleans(),
)
test_state_set_metadata = bind(
    values.set_metadata,
    make=graphs(*PLAIN, "values"),
    only=filter_data,
    entries=metadata().filter(lambda m: m.keywords() != ""),
)
