"""A Python number is a Python number inside of equinox.filter_checkpoint, and a tracer inside of jax.checkpoint."""

import equinox as eqx
import jax
import jax.numpy as jnp


def traced(checkpoint):
    seen = []
    checkpoint(lambda x, times: (seen.append(isinstance(times, jax.core.Tracer)), x * times)[1])(jnp.float32(1), 2.0)
    return seen


came, expected = traced(eqx.filter_checkpoint), traced(jax.checkpoint)
assert came == expected, f"expected {expected}, got {came}"
