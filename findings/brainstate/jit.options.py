"""transform.jit refuses negative static_argnums, which jax.jit counts from the end."""

import brainstate
import jax
import jax.numpy as jnp

f = lambda x, n: x * n  # noqa: E731  # shown as a user would type it
x = jnp.arange(2.0)
expected = jax.jit(f, static_argnums=-1)(x, 2)
try:
    came = brainstate.transform.jit(f, static_argnums=-1)(x, 2)
except ValueError as error:
    raise AssertionError(f"expected {expected}, got ValueError: {error}") from None
assert (came == expected).all()
