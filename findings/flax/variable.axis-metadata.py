"""vmap with out_axes=-1 puts the name of the new axis in the last place but one of the metadata that names axes."""

import jax.numpy as jnp
from flax import nnx


def create(x):
    return nnx.Param(jnp.zeros((2, 3)) + x, axes=("in", "out"))


names = {nnx.PARTITION_NAME: "layers", "axes": "layers"}
made = nnx.vmap(create, out_axes=-1, transform_metadata=names)(jnp.arange(4.0))
assert made.shape == (2, 3, 4)
assert made.axes == ("in", "out", "layers"), f"expected ('in', 'out', 'layers'), got {made.axes}"
