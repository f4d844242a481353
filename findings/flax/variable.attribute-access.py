"""v.shape is the value's whatever the metadata, v.dtype is the metadata entry called dtype."""

import jax.numpy as jnp
from flax import nnx

v = nnx.Param(jnp.zeros(2), shape="metadata", dtype="metadata")
assert v.shape == (2,)
assert v.dtype == jnp.float32, f"expected float32, got {v.dtype!r}"
