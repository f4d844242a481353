"""A negative argnum counts back from the last argument of all, not from the last one given by position as in jax."""

import jax
from flax import nnx


def f(x, a):
    return 2 * x + 3 * a


expected = jax.grad(f, argnums=-1)(1.0, a=1.0)
came = nnx.grad(f, argnums=-1)(1.0, a=1.0)
assert came == expected, f"expected {expected}, the gradient of x, as from jax.grad; got {came}"
