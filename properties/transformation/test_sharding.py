"""Inputs for the laws of shardings."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import sharding

from ..strategies import PLAIN, graphs, partitions
from ..strategies.meshes import layouts, picks, plans, shapes
from ..strategies.spread import bind_spread

LAID = (*PLAIN, "numpy", "values", "abstract", "pytree-values")

STATIC = (None, 0, 1, 2, -1, -2, (1, 0), (0, 2), (3, 0), (2, 1), (1, 3), (2, 3), (1, -1))
"""Positions of static arguments, beside two others."""

STATIC_NAMES = ("second", "third", ("third", "first"), ("second", "fourth"), ("fourth", "first"))
"""Names of static arguments, beside two others."""

test_jit_shardings = bind_spread(
    sharding.jit_shardings,
    6,
    make=graphs(*LAID, "rngs", max_chunks=2),
    shape=shapes,
    plan=plans,
    ends=st.tuples(layouts, layouts, layouts),
    picks=picks(1),
    static=st.sampled_from(STATIC_NAMES) | st.sampled_from(STATIC),
    scale=0.2,
)
test_sharding_split_merge = bind(
    sharding.split_merge, make=graphs(*LAID), filters=partitions(), shape=shapes, plan=plans, scale=0.4
)
test_sharding_update = bind(
    sharding.update, make=graphs(*LAID, "containers"), shape=shapes, plan=plans, other=plans, scale=0.4
)
test_sharding_clone = bind(sharding.clone, make=graphs(*LAID), shape=shapes, plan=plans, scale=0.4)
