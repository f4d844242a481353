"""Inputs for the laws of shard_map."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import shard_map

from ..strategies import PLAIN, graphs
from ..strategies.meshes import layouts, picks, plans, shapes
from ..strategies.spread import bind_spread

BLOCKS = (*PLAIN, "numpy", "values", "abstract", "pytree-values", "rngs")

test_shard_map_blockwise = bind(
    shard_map.blockwise,
    make=graphs(*BLOCKS, max_chunks=2),
    shape=shapes,
    plan=plans,
    picks=picks(4),
    scale=0.15,
)
test_shard_map_replicated_writes = bind_spread(
    shard_map.replicated_writes, 3, shape=shapes, number=layouts, decorator=st.booleans(), scale=0.05
)
