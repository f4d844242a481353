"""Inputs for the laws of pmap."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import pmap

from ..strategies import PLAIN, graphs
from ..strategies.meshes import picks

STACKED = (*PLAIN, "numpy", "values", "abstract", "pytree-values", "rngs")

test_pmap_as_vmap = bind(
    pmap.as_vmap,
    make=graphs(*STACKED, max_chunks=2),
    lanes=st.sampled_from((2, 8)),
    picks=picks(4),
    scale=0.2,
)
