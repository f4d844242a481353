"""scan accepts a new array attribute in the carry and leaves a tracer in the caller's Module."""

import jax
import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def body(m):
    m.new = jnp.float32(7)
    return m


m = Model()
m.a = nnx.Param(jnp.float32(0))
try:
    nnx.scan(body, in_axes=nnx.Carry, out_axes=nnx.Carry, length=2)(m)
except (TypeError, ValueError):
    assert not hasattr(m, "new")
else:
    came = m.new
    assert not isinstance(came, jax.core.Tracer), f"expected TypeError or ValueError, or an array, got {came!r}"
