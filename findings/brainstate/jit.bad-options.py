"""transform.jit accepts an argument that is both static and donated, which jax.jit refuses with ValueError."""

import brainstate
import jax
import jax.numpy as jnp

f = lambda x, n: x * n  # noqa: E731  # shown as a user would type it
x = jnp.arange(2.0)
try:
    jax.jit(f, static_argnums=1, donate_argnums=1)
except ValueError as error:
    expected = error
try:
    came = brainstate.transform.jit(f, static_argnums=1, donate_argnums=1)(x, 2)
except ValueError:
    pass
else:
    raise AssertionError(f"expected ValueError ({expected}), got {came}")
