"""Inputs for the laws of transforms in tree mode."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation import modes, tree_mode

from ..strategies import TREES, graphs, small
from ..strategies.spread import bind_spread

trees = graphs(*TREES, "raw-arrays", "values", "rngs", "non-pytrees", max_chunks=1)
changes = st.sampled_from(("add", "delete", "replace", "static", "array", "append", "swap"))

test_transform_tree_duplicates_rejected = bind_spread(
    tree_mode.tree_duplicates_rejected,
    30,
    make=trees,
    transform=st.sampled_from(tree_mode.TRANSFORMS),
    pick=small,
    how=st.sampled_from(("attribute", "container", "argument", "in a container")),
    said=st.sampled_from(tree_mode.SAID),
    scale=0.5,
)
test_transform_tree_structure_changes = bind_spread(
    tree_mode.tree_structure_changes,
    24,
    make=trees,
    transform=st.sampled_from(tuple(name for name in tree_mode.ONCE if name not in ("eval_shape", "jvp", "vjp"))),
    edits=st.lists(st.tuples(changes, st.integers(0, 2)), min_size=1, max_size=3).map(tuple),
    scale=0.3,
)
test_transform_tree_returned_inputs = bind_spread(
    tree_mode.tree_returned_inputs,
    30,
    make=trees,
    transform=st.sampled_from((*tree_mode.ONCE, *tree_mode.LOOPS)),
    pick=small,
    how=st.sampled_from(("input", "variable", "container", "new node", "captured")),
    graphs=st.booleans(),
    said=st.sampled_from(tree_mode.SAID),
    scale=0.4,
)
test_transform_mode_of_each_call = bind_spread(
    modes.mode_of_each_call,
    16,
    transform=st.sampled_from(modes.DIRECT),
    modes=st.permutations(modes.MODES).map(tuple),
    said=st.sampled_from(tree_mode.SAID),
    scale=0.2,
)
test_transform_tree_prefixes = bind_spread(
    tree_mode.tree_prefixes,
    12,
    make=trees,
    transform=st.sampled_from(("vmap", "scan", "grad", "jit")),
    axes=st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple),
    nested=st.booleans(),
    scale=0.3,
)
