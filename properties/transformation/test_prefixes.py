"""Inputs for the laws of prefixes."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import prefixes
from nnxspec.spec.script.filters import FilterTree

from ..strategies import PLAIN, graphs, parts, small
from ..strategies.spread import bind_spread

# Every leaf has to be an array with axes: the laws fill the Variables, and there is nothing else.
FILLED = (*PLAIN, "raw-arrays", "values", "rngs", "non-pytrees")
trees = parts(3).map(lambda filters: tuple(map(FilterTree, filters)))
axes = st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple)
aliases = st.sampled_from(("variable", "node", "container"))

test_transform_prefix_objects = bind_spread(
    prefixes.prefix_objects,
    12,
    make=graphs(*FILLED, max_chunks=2),
    trees=trees,
    axes=axes,
    transform=st.sampled_from(("vmap", "vmap", "scan")),
    scale=0.4,
)
test_transform_prefix_equality = bind(
    prefixes.prefix_equality,
    trees=trees,
    axes=axes,
    edit=small,
)
test_transform_consistent_aliasing = bind_spread(
    prefixes.consistent_aliasing,
    30,
    make=graphs(*FILLED, max_chunks=1),
    pick=small,
    transform=st.sampled_from(prefixes.ALIASED),
    prefixes=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    how=aliases | st.just("output"),
    wrapped=st.booleans(),
    scale=0.4,
)
test_transform_consistent_argnums = bind_spread(
    prefixes.consistent_argnums,
    16,
    make=graphs(*FILLED, max_chunks=1),
    pick=small,
    argnums=st.sampled_from(((0,), (1,), (), (0, 1))),
    how=aliases,
    states=st.booleans(),
    scale=0.3,
)
test_transform_wrong_prefixes = bind_spread(
    prefixes.wrong_prefixes,
    24,
    make=graphs(*FILLED, max_chunks=1),
    transform=st.sampled_from(prefixes.ALIASED),
    wrong=st.sampled_from(
        (
            "too few",
            "too many",
            "tuple for a list",
            "dict for a list",
            "a module",
            "a variable",
            "a container for a module",
        )
    ),
    output=st.booleans(),
    scale=0.4,
)
