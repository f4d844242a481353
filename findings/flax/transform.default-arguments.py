"""remat takes no functools.partial with an argument given by name; jax.checkpoint, nnx.jit and nnx.vmap do."""

import functools

import jax
import jax.numpy as jnp
from flax import nnx


def f(x, times=2):
    return x * times


partial, x = functools.partial(f, times=7), jnp.ones(2)
for transform in (jax.checkpoint, nnx.jit, nnx.vmap):
    assert transform(partial)(x)[0] == 7
try:
    came = nnx.remat(partial)(x)[0]
except TypeError as error:
    came = error
assert not isinstance(came, Exception) and came == 7, f"expected 7 as from jax.checkpoint, got {came!r}"
