"""grad refuses functions with keyword-only arguments, which jax.grad takes."""

import jax
import jax.numpy as jnp
from flax import nnx


def loss(x, *, scale):
    return scale * x**2


assert jax.grad(loss)(3.0, scale=2.0) == 12
try:
    came = nnx.grad(loss)(jnp.array(3.0), scale=2.0)
except TypeError as error:
    came = f"TypeError: {error}"
assert isinstance(came, jax.Array) and came == 12, f"expected 12.0 as from jax.grad, got {came}"
