"""In tree mode a Variable as prefix is refused, but not if it stands inside a Module-shaped tree."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    def __init__(self, value):
        self.w = nnx.Param(value)


def run(prefix):
    try:
        nnx.vmap(lambda model: model.w[...], in_axes=(prefix,), graph=False)(Model(jnp.zeros(2)))
    except ValueError:
        return "refused"
    return "accepted"


came = run(nnx.Param(0)), run([nnx.Param(0)]), run(Model(0))
assert came == ("refused", "refused", "refused"), f"expected each to be refused with ValueError, got {came}"
