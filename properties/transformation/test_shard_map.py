"""Inputs for the laws of shard_map."""

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import shard_map

from ..strategies import PLAIN, graphs
from ..strategies.meshes import layouts, picks, plans, shapes

BLOCKS = (*PLAIN, "numpy", "values", "abstract", "pytree-values", "rngs")

test_shard_map_blockwise = bind(
    shard_map.blockwise,
    make=graphs(*BLOCKS, max_chunks=2),
    shape=shapes,
    plan=plans,
    picks=picks(4),
    scale=0.15,
)
test_shard_map_replicated_writes = bind(shard_map.replicated_writes, shape=shapes, number=layouts, scale=0.1)
