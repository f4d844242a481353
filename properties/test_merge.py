"""For which inputs the laws of the term Merge are checked."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.merge import objects, states

from .strategies import PLAIN, arrays, graphs, numpy_leaves, partitions, small
from .strategies.edits import edits
from .strategies.states import held, orders

FAIR = (*PLAIN, "values")
"""Python values inside containers are the subject of `module.explicit-status`, and would drown these laws."""
_VARIABLES = held(("nnx.BatchStat", "Kernel", "nnx.Param", "nnx.Variable"))
_PATHS = edits("drop", "add", "add-tree", "rename", "rename-inner", "duplicate", "cut")

test_merge_order_free = bind(states.order_free, make=graphs(*FAIR), filters=partitions(), piles=orders, order=orders)
test_merge_leaf_count = bind(
    states.leaf_count, make=graphs(*FAIR), edit=edits("drop", "add", "add-tree", "duplicate"), leaf=_VARIABLES
)
test_merge_paths_must_match = bind(states.paths_must_match, make=graphs(*FAIR), edit=_PATHS, leaf=_VARIABLES)
test_merge_installs_given_leaf = bind(
    states.installs_given_leaf, make=graphs(*FAIR), which=small, leaf=_VARIABLES, value=arrays()
)
test_merge_pure_values = bind(states.pure_values, make=graphs(*FAIR))
test_merge_leaf_list = bind(
    states.leaf_list, make=graphs(*FAIR), more=st.lists(arrays(), min_size=1, max_size=3).map(tuple)
)
test_merge_copy = bind(objects.copy, make=graphs(*FAIR, more=numpy_leaves), value=arrays())
test_merge_graph_state = bind(objects.graph_state, make=graphs(*FAIR), filters=partitions())
test_merge_graph_state_equality = bind(
    objects.graph_state_equality, make=graphs(*FAIR, "abstract", max_chunks=2), filters=partitions(2), value=arrays()
)
test_merge_call = bind(objects.call, make=graphs(*FAIR, max_chunks=2), number=st.integers(0, 5), scale=0.5)
test_merge_no_constructor = bind(objects.no_constructor, make=graphs(*FAIR), filters=partitions())
