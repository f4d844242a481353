"""A number inside a container marked with nnx.data is a leaf for jax.tree and in tree mode, but not for nnx.state."""

import jax
from flax import nnx

m = nnx.Module()
m.a = nnx.data([1])
assert jax.tree.leaves(m) == [1]
with nnx.set_graph_mode(False):
    assert jax.tree.leaves(nnx.state(m)) == [1]
came = jax.tree.leaves(nnx.state(m))
assert came == [1], f"expected [1] as in tree mode, got {came}"
