"""nnx.pop takes Variables out of a Module that the jitted function captured: once per trace, and without an error."""

import jax.numpy as jnp
from flax import errors, nnx

m = nnx.Dict(w=nnx.Param(jnp.float32(1)))


@nnx.jit
def f(x):
    nnx.pop(m, nnx.Param)
    return x


try:
    f(jnp.float32(1))
except errors.TraceContextError:
    pass
assert list(m) == ["w"], f"expected TraceContextError and ['w'] in the Module, got {list(m)}"
