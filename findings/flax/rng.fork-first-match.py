"""nnx.fork_rngs forks a stream once for every filter that matches it, and restoring does not give its key back."""

import jax
from flax import nnx

rngs = nnx.Rngs(params=0)
before = jax.random.key_data(rngs.params.key[...])
nnx.restore_rngs(nnx.fork_rngs(rngs, split={"params": None, ...: None}))
after = jax.random.key_data(rngs.params.key[...])
assert (before == after).all(), f"expected the key {before} after restore_rngs, got {after}"
