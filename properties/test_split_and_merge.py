"""Inputs for the laws of split, state and graphdef."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.split_and_merge import split, state
from nnxspec.spec.script.filters import FilterTree

from .strategies import PLAIN, arrays, graphs, leaves, partitions, parts

trees = partitions().map(lambda filters: tuple(map(FilterTree, filters)))
roots = leaves("jax", "numpy", "key", "python", "weak", "none")
which_root = st.integers(0, 3)
dict_keys = st.one_of(
    st.lists(st.sampled_from((0.5, -1.0, 2.0, 10.0)), min_size=1, unique=True),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(-2, 12), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(("b", "a", "0", "10", "")), min_size=1, unique=True),
    st.just([None]),
    st.just([1, "a"]) | st.just(["a", 0, "0"]),
).map(tuple)
JITTABLE = (*PLAIN, "numpy", "values", "abstract", "pytree-values")

test_split_round_trip = bind(split.round_trip, make=graphs(*PLAIN), filters=partitions())
test_split_container_fidelity = bind(split.container_fidelity, make=graphs(*PLAIN))
test_split_list_like_with_names = bind(
    split.list_like_with_names, make=graphs("list-edits", "nan", "unhashable", root=4)
)
test_split_state_shape = bind(split.state_shape, make=graphs(*PLAIN, "containers") | graphs(*PLAIN, "values"))
test_split_arity = bind(split.arity, make=graphs(*PLAIN), filters=partitions(5))
test_split_shares_variables = bind(split.shares_variables, make=graphs(*PLAIN), value=arrays())
test_split_state_crosses_jit = bind(split.state_crosses_jit, make=graphs(*JITTABLE, max_chunks=2), scale=0.2)
test_split_root_leaves = bind(split.root_leaves, make=graphs(*PLAIN), value=roots, pick=which_root, trees=trees)
test_split_state_agrees_on_roots = bind(
    split.state_agrees_on_roots, make=graphs(*PLAIN), value=roots, pick=which_root, filters=partitions()
)
test_split_stable = bind(split.stable, make=graphs(*PLAIN))
test_split_pure = bind(split.pure, make=graphs(*PLAIN), filters=partitions())
test_split_key_domain = bind(split.key_domain, keys=dict_keys)
test_split_state_groups = bind(state.state_groups, make=graphs(*PLAIN), filters=parts() | st.just(()))
test_split_graphdef_and_state = bind(state.graphdef_and_state, make=graphs(*PLAIN))
