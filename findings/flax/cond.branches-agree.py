"""A new array attribute that all branches of cond set leaves a tracer in the caller's Module (a new Param does not)."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def branch(m):
    m.new = jnp.ones((2,), "float32") * 3


m = Model()
m.a = nnx.Param(jnp.float32(0))
try:
    nnx.cond(True, branch, branch, m)
    came = repr(m.new)
except Exception as error:
    came = f"{type(error).__name__}: {error}"
assert came == "Array([3., 3.], dtype=float32)", f"expected an array of 3.0 in m.new, got {came[:110]}"
