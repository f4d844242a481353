"""An array computed inside nnx.jit and set as an attribute is taken for a static: the Module is left with a tracer."""

import jax
import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.float32(3))


def remember(m):
    m.last = m.w[...] * 2


m, eager = Model(), Model()
remember(eager)
nnx.jit(remember)(m)
expected, came = eager.last, m.last
assert not isinstance(came, jax.core.Tracer), f"expected {expected!r} in m.last, as without jit, got {came!r}"
assert came == expected
