"""equinox.filter_jvp refuses a tangent too few with ValueError, jax.jvp with TypeError."""

import equinox as eqx
import jax
import jax.numpy as jnp


def attempt(jvp):
    try:
        return repr(jvp(lambda x, y: x * y, (jnp.float32(1), jnp.float32(2)), (jnp.float32(1),)))
    except (TypeError, ValueError) as error:
        return type(error).__name__


came, expected = attempt(eqx.filter_jvp), attempt(jax.jvp)
assert came == expected, f"expected {expected}, got {came}"
