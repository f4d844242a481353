"""The static half of a Module with a list in a field has no hash, so it cannot be a static argument of jax.jit.

This is the first line of four laws: `split.stable`, `graphdef.deterministic`, `graphdef.pickle` and
`graphdef.stable-in-transforms` all use the hash of what `split` gives beside the arrays.
"""

import equinox as eqx
import jax.numpy as jnp


class Block(eqx.Module):
    layers: list


_, static = eqx.partition(Block([jnp.ones(2)]), eqx.is_array)
try:
    came = type(hash(static))
except TypeError as error:
    came = f"TypeError: {error}"
assert came is int, f"expected a hash, got {came}"
