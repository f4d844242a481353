"""In tree mode what jit's function adds to a Module, replaces or counts in a static is lost in silence."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.zeros(()))
        self.calls = 0


def change(model):
    model.w = nnx.Param(jnp.ones(()))
    model.calls += 1


model = Model()
try:
    nnx.jit(change, graph=False)(model)
except Exception:
    came = "refused"
else:
    came = f"w={float(model.w[...])}, calls={model.calls}"
assert came in ("refused", "w=1.0, calls=1"), f"expected a refusal, or w=1.0, calls=1; got {came}"
