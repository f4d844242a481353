"""A Variable is callable, hence taken for a predicate; what happens then depends on its value and on the graph."""

import jax.numpy as jnp
from flax import nnx


def outcome(v):
    try:
        nnx.split(nnx.Module(), v, ...)
        return "accepted"
    except Exception as error:
        return type(error).__name__


came = [outcome(nnx.Param(jnp.zeros(()))), outcome(nnx.Param(jnp.zeros(2)))]
assert came == ["TypeError", "TypeError"], f"expected TypeError twice, got {came}"
