"""Inputs for the laws of clone and of Python's own ways to copy."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Leaf
from nnxspec.spec.laws.split_and_merge import clone, copy

from .strategies import PLAIN, arrays, each_sharing, graphs, mutable_leaves, shared, shared_items, small

edits = st.lists(st.tuples(st.integers(0, 4), small), max_size=4).map(tuple)
MUTABLE = ("list-edits", "names-on-lists", "nan")
# Arrays that only jax holds; every one of them can be donated.
DONATABLE = (*PLAIN, "numpy", "values", "abstract", "pytree-values")
# jax cannot pickle typed keys.
PICKLABLE = (*PLAIN, "keys", "rngs")

test_clone_isomorphic_disjoint = bind(
    clone.isomorphic_disjoint,
    tried_first=lambda _: [{"make": make, "edits": (), "value": Leaf()} for make in each_sharing(PLAIN)],
    make=graphs(*PLAIN, max_chunks=2, more=shared_items | shared),
    edits=edits,
    value=arrays(),
)
test_clone_deep = bind(clone.deep, make=graphs(*MUTABLE, more=mutable_leaves))
test_clone_without_variables = bind(clone.without_variables, make=graphs(*PLAIN))
test_clone_arrays_bit_exact = bind(clone.arrays_bit_exact, make=graphs(*PLAIN))
test_clone_donation = bind(clone.donation, make=graphs(*DONATABLE, max_chunks=2), scale=0.2)
test_copy_pickle_deepcopy = bind(
    copy.pickle_deepcopy,
    make=graphs(*MUTABLE, "keys", "rngs", max_chunks=3, more=mutable_leaves),
    edits=edits,
    value=arrays(),
    scale=0.5,
)
test_copy_container_sharing = bind(
    copy.container_sharing,
    make=graphs(*PICKLABLE, max_chunks=2),
    picks=st.lists(small, min_size=1, max_size=3).map(tuple),
    kind=st.integers(0, 2),
    scale=0.5,
)
