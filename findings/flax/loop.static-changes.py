"""A static counter that the body of a scan raises is 1 afterwards, whatever the number of iterations."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def body(m):
    m.n = m.n + 1
    return m


for count in (0, 1, 3):
    m = Model()
    m.n, m.a = 0, nnx.Param(jnp.float32(1))
    try:
        nnx.scan(body, in_axes=nnx.Carry, out_axes=nnx.Carry, length=count)(m)
    except (TypeError, ValueError):
        continue
    assert m.n == count, f"length {count}: expected {count}, or TypeError or ValueError, got {m.n}"
