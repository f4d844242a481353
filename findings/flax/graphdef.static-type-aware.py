"""Static attributes 1 and True give equal GraphDefs, so nnx.jit reuses the trace made for the other one."""

import jax.numpy as jnp
from flax import nnx


class M(nnx.Module):
    def __init__(self, flag):
        self.flag = flag


f = nnx.jit(lambda m: jnp.array(m.flag is True))
assert bool(f(M(True))) is True
came = bool(f(M(1)))
assert came is False, f"expected False for flag=1, got {came}"
