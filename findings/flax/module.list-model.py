"""Deleting any but the last element of an nnx.List leaves the last one behind as a hidden attribute."""

import jax
from flax import nnx

layers = nnx.List([nnx.Param(1), nnx.Param(2)])
del layers[0]
assert len(layers) == 1
assert jax.tree.leaves(layers) == [2], f"expected leaves [2], got {jax.tree.leaves(layers)}"
