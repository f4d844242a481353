"""fori_loop refuses a body that makes a Variable shared with AttributeError: 'NodeRef' has no 'outer_index'."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def body(i, value):
    m, v = value
    m.child.again = v
    return value


m = Model()
m.child = Model()
v = nnx.Param(jnp.float32(1))
try:
    nnx.fori_loop(0, 2, body, (m, v))
    came = "nothing"
except Exception as error:
    came = f"{type(error).__name__}: {error}"
allowed = came == "nothing" or came.startswith(("ValueError", "TypeError"))
assert allowed, f"expected as in Python, or ValueError or TypeError, got {came[:90]}"
