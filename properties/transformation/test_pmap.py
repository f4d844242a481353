"""Inputs for the laws of pmap."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation import pmap

from ..strategies import PLAIN, graphs
from ..strategies.meshes import picks
from ..strategies.spread import bind_spread

STACKED = (*PLAIN, "numpy", "values", "abstract", "pytree-values", "rngs")

test_pmap_as_vmap = bind_spread(
    pmap.as_vmap,
    6,
    make=graphs(*STACKED, max_chunks=2),
    lanes=st.sampled_from((2, 8)),
    picks=picks(4),
    static=st.sampled_from((None, 0, 1, 2, (0, 1), (2, 0), (1, 3))),
    scale=0.2,
)
