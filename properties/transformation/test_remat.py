"""Inputs for the laws of remat."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import remat

from ..strategies.losses import floats, losses, picks, plans

test_remat_transparent = bind(
    remat.transparent,
    make=floats(max_chunks=2),
    plan=plans(2),
    picks=picks,
    loss=losses(effects=True, max_size=3),
    policy=st.integers(0, 3),
    prevent_cse=st.booleans(),
    scale=0.2,
)
test_remat_recomputes = bind(remat.recomputes, make=floats(max_chunks=1), loss=losses(max_size=2), scale=0.1)
test_remat_static_arguments = bind(
    remat.static_arguments,
    make=floats(max_chunks=1),
    loss=losses(effects=True, max_size=2),
    repeat=st.integers(0, 2),
    single=st.booleans(),
    scale=0.1,
)
