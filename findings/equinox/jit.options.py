"""A Python number is static for equinox.filter_jit, so each value is compiled anew; jax.jit traces it."""

import equinox as eqx
import jax
import jax.numpy as jnp


def traces(jit):
    count = []
    f = jit(lambda x, times: (count.append(1), x * times)[1])
    for times in (1.0, 2.0, 3.0):
        f(jnp.float32(1), times)
    return len(count)


came, expected = traces(eqx.filter_jit), traces(jax.jit)
assert came == expected, f"expected {expected} trace, got {came}"
