"""An attribute of a Module that was not passed can be deleted inside nnx.jit; setting one is refused."""

import jax.numpy as jnp
from flax import errors, nnx


class Model(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.float32(1))


def refused(change):
    m = Model()
    try:
        nnx.jit(lambda x: change(m, x))(jnp.float32(2))
    except errors.TraceContextError:
        return True
    return False


assert refused(lambda m, x: setattr(m, "w", x))
assert refused(lambda m, x: delattr(m, "w")), "expected TraceContextError from `del m.w`, got none: m.w is gone"
