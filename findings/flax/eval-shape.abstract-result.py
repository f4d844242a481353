"""An array set as an attribute under eval_shape is taken for a static, so the result holds a leaked tracer."""

import jax
import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
    def __init__(self):
        self.scale = jnp.ones(2)


came = nnx.eval_shape(Net).scale
assert isinstance(came, jax.ShapeDtypeStruct), f"expected ShapeDtypeStruct(shape=(2,), float32), got {came!r:.80}"
