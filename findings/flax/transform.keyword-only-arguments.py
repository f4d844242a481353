"""grad refuses arguments that can be given by keyword only; jax.grad takes them."""

import jax
from flax import nnx


def f(x, *, scale):
    return x * scale


expected = jax.grad(f)(1.0, scale=3.0)
try:
    came = nnx.grad(f)(1.0, scale=3.0)
except TypeError as error:
    came = error
assert not isinstance(came, Exception) and came == expected, f"expected {expected} as from jax.grad, got {came!r}"
