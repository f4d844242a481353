"""fori_loop of no iteration with a body that returns a clone gives back another object than the initial value."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


m = Model()
m.a = nnx.Param(jnp.float32(1))
try:
    out = nnx.fori_loop(0, 0, lambda i, m: nnx.clone(m), m)
except (TypeError, ValueError):
    out = m
assert out is m, "expected the initial value itself, or ValueError, got another Module"
