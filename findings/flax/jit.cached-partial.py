"""cached_partial refuses a changed structure with RecursionError where a cached node is part of a cycle."""

import jax.numpy as jnp
from flax import nnx


@nnx.jit
def drop(m):
    del m.v


for cyclic in (False, True):
    m = nnx.Dict(v=nnx.Param(jnp.float32(0)))
    if cyclic:
        m.me = m
    try:
        nnx.cached_partial(drop, m)()
        came = None
    except Exception as error:
        came = type(error)
    assert came is ValueError, f"expected ValueError, got {came} where cyclic={cyclic}"
