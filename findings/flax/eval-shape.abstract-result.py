"""An array in a list held as data is a leaf of the real model, but a static of the one that eval_shape gives."""

import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
    def __init__(self):
        self.items = nnx.data([nnx.Param(jnp.ones(2)), jnp.zeros(2)])


graphdef, _ = nnx.split(nnx.eval_shape(Net))
try:
    came = nnx.merge(graphdef, nnx.state(Net())).items[1].tolist()
except ValueError as error:
    came = f"ValueError: {error}"
assert came == [0.0, 0.0], f"expected the real leaves to fit: [0.0, 0.0] in items[1], got {came}"
