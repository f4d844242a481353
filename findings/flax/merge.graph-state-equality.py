"""Comparing GraphStates raises for arrays of several elements, and takes arrays of one shape or dtype for another."""

import jax.numpy as jnp
from flax import nnx


def compared(a, b):
    try:
        return nnx.unpack(nnx.Dict(w=a)) == nnx.unpack(nnx.Dict(w=b))
    except ValueError as error:
        return f"ValueError: {error}"


came = compared(nnx.Param(jnp.ones(2)), nnx.Param(jnp.ones(2)))
assert came is True, f"expected True for two equal graphs, got {came}"
