"""Inputs for the laws of tree mode."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.split_and_merge import tree_mode

from .strategies import TREES, graphs, small

# Whether a Python value in a plain container is a leaf is free; objects that are no pytrees have a law of their own.
trees = graphs(*TREES, "non-pytrees", "containers") | graphs(*TREES, "non-pytrees", "values")
small_trees = graphs(*TREES, "non-pytrees", max_chunks=2)

test_mode_tree_agrees = bind(tree_mode.tree_agrees, make=trees)
test_mode_tree_rejects_shared_variables = bind(
    tree_mode.tree_rejects_shared_variables, make=small_trees, pick=small, inside=st.booleans(), scale=0.5
)
test_mode_tree_rejects_shared_nodes = bind(
    tree_mode.tree_rejects_shared_nodes, make=small_trees, pick=small, inside=st.booleans(), scale=0.5
)
test_mode_tree_rejects_cycles = bind(
    tree_mode.tree_rejects_cycles,
    length=st.integers(1, 3),
    entry=st.integers(0, 1),
    holds=st.integers(0, 2),
    name=st.integers(0, 6),
    scale=0.2,
)
test_mode_tree_needs_pytrees = bind(
    tree_mode.tree_needs_pytrees, make=small_trees, depth=st.integers(0, 2), filled=st.booleans(), scale=0.5
)
test_mode_setters_restore = bind(
    tree_mode.setters_restore, modes=st.lists(st.booleans(), max_size=4).map(tuple), fails=st.booleans()
)
