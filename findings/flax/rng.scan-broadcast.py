"""An Rngs under axis None hands out one and the same key in every iteration of scan, and its count stays behind."""

import jax
import jax.numpy as jnp
from flax import nnx

rngs = nnx.Rngs(0)
keys = nnx.scan(lambda r, x: r(), in_axes=(None, 0), out_axes=0)(rngs, jnp.arange(3))
eager = nnx.Rngs(0)
expected = jnp.stack([eager() for _ in range(3)])
count = int(rngs.default.count[...])
assert count == 3, f"expected the count 3, got {count}"
assert (jax.random.key_data(keys) == jax.random.key_data(expected)).all(), f"expected {expected}, got {keys}"
