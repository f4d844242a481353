"""Metadata 1.0 and True give equal treedefs, so jax.jit reuses the other's trace (also jax's rule for aux data)."""

import jax
import jax.numpy as jnp
from flax import nnx

f = jax.jit(lambda v: v.get_metadata("note") is True)
x = jnp.zeros(())
assert bool(f(nnx.Param(x, note=True))) is True
came = bool(f(nnx.Param(x, note=1.0)))
assert came is False, f"expected False for note=1.0, got {came}"
