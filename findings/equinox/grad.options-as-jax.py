"""equinox.filter_grad gives None for an integer argument, where jax.grad refuses to differentiate it."""

import equinox as eqx
import jax
import jax.numpy as jnp


def attempt(grad):
    try:
        return repr(grad(lambda x: jnp.sum(x * 2.0))(jnp.array([1, 2])))
    except TypeError:
        return "TypeError"


came, expected = attempt(eqx.filter_grad), attempt(jax.grad)
assert came == expected, f"expected {expected}, got {came}"
