"""variable_jit refuses shardings of its arguments, which jax.jit takes: it passes the Variables by name."""

import jax
import jax.numpy as jnp
from penzai import pz

place = jax.sharding.SingleDeviceSharding(jax.devices()[0])


def double(x):
    return 2 * x


try:
    came = pz.variable_jit(double, in_shardings=place)(jnp.ones(2)).tolist()
except ValueError as error:
    came = f"ValueError: {error}"
assert came == jax.jit(double, in_shardings=place)(jnp.ones(2)).tolist(), f"expected [2.0, 2.0], got {came}"
