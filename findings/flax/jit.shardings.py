"""nnx.jit with in_shardings takes static_argnums=0 for no static argument and refuses the call; jax.jit takes it."""

import jax
import jax.numpy as jnp
from flax import nnx


def scaled(factor, x):
    return x * factor


sharding = jax.sharding.SingleDeviceSharding(jax.devices()[0])
options = {"static_argnums": 0, "in_shardings": (sharding,)}
assert jax.jit(scaled, **options)(2, jnp.ones(2)).tolist() == [2.0, 2.0]
try:
    came = nnx.jit(scaled, **options)(2, jnp.ones(2)).tolist()
except Exception as error:
    came = f"{type(error).__name__}: {error}"
assert came == [2.0, 2.0], f"expected [2.0, 2.0] as from jax.jit, got {came}"
