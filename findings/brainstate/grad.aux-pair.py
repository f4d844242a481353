"""A loss with has_aux that returns no pair is refused with IndexError from inside; jax.grad names the mistake."""

import brainstate
import jax
import jax.numpy as jnp

try:
    jax.grad(lambda x: (), has_aux=True)(jnp.float32(1))
except (TypeError, ValueError) as error:
    expected = error
try:
    brainstate.transform.grad(lambda x: (), has_aux=True)(jnp.float32(1))
except (TypeError, ValueError):
    pass
except IndexError as error:
    raise AssertionError(f"expected {type(expected).__name__} ({expected}), got IndexError: {error}") from None
