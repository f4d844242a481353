"""in_axes is documented as "an integer, None, or sequence of values"; a list, which jax.vmap takes, is refused."""

import jax
import jax.numpy as jnp
from flax import nnx

x = jnp.arange(4.0).reshape(2, 2)
expected = jax.vmap(lambda x: x * 2, in_axes=[0])(x)
try:
    came = nnx.vmap(lambda x: x * 2, in_axes=[0])(x)
except ValueError as error:
    came = error
assert not isinstance(came, Exception), f"expected {expected.tolist()} as from jax.vmap, got {came!r:.200}"
