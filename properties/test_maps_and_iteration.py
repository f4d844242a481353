"""Inputs for the laws of the maps and of the iterators."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.split_and_merge import iteration, maps
from nnxspec.spec.script.filters import FilterExpr, FilterTree

from .strategies import PLAIN, TREES, arrays, graphs, leaves, shared

# Filters on types alone judge an object alike under all of its paths.
types = st.sampled_from(("nnx.Param", "nnx.Variable", "nnx.Module", "nnx.List", "Kernel", "Block", "object"))
by_type = st.builds(lambda kind, t: FilterExpr(kind, (t,)), st.sampled_from(("type", "of-type")), types)
type_filters = st.one_of(
    by_type,
    by_type.map(lambda f: FilterExpr("not", (f,))),
    st.lists(by_type, max_size=3).map(lambda fs: FilterExpr("any-of", tuple(fs))),
    st.just(FilterExpr("all", (0,))),
).map(FilterTree)
no_nodes = leaves("jax", "numpy", "python")

test_map_once_per_leaf = bind(
    maps.once_per_leaf, make=graphs(*PLAIN, "containers") | graphs(*PLAIN, "values"), value=arrays()
)
test_map_recursive = bind(
    maps.recursive, make=graphs(*PLAIN, "cycles", "edits", max_chunks=3), value=arrays(), tail=st.integers(0, 2)
)
test_map_as_pure = bind(
    maps.as_pure,
    make=graphs(*PLAIN, "values", "pytree-values"),
    tree=graphs(*TREES, "containers", "non-pytrees", max_chunks=3),
)
test_iter_graph_post_order = bind(iteration.graph_post_order, make=graphs(*PLAIN))
test_iter_modules = bind(iteration.modules, make=graphs(*PLAIN))
test_iter_children = bind(iteration.children, make=graphs(*PLAIN, more=shared), value=no_nodes)
test_iter_paths_valid = bind(iteration.paths_valid, make=graphs(*PLAIN))
test_iter_find_duplicates = bind(iteration.find_duplicates, make=graphs(*PLAIN), tree=type_filters)
