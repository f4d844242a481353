"""equinox.filter_vmap takes a tuple of axes and refuses a list; jax.vmap takes both."""

import equinox as eqx
import jax
import jax.numpy as jnp


def attempt(vmap):
    try:
        return vmap(lambda x: x * 2, in_axes=[0])(jnp.arange(2.0)).tolist()
    except ValueError as error:
        return f"ValueError: {error}"[:120]


came, expected = attempt(eqx.filter_vmap), attempt(jax.vmap)
assert came == expected, f"expected {expected}, got {came}"
