"""scan refuses another node as carry with RecursionError, not ValueError, if a Dict holds itself."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


m = Model()
m.child = Model()
m.child.v = nnx.Param(jnp.float32(0))
m.table = nnx.Dict({})
m.table["me"] = m.table
try:
    nnx.scan(lambda c: (c[0].child,), in_axes=nnx.Carry, out_axes=nnx.Carry, length=2)((m,))
    came = "nothing"
except Exception as error:
    came = type(error).__name__
assert came == "ValueError", f"expected ValueError, got {came}"
