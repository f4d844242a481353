"""nnx.update puts a State into a Variable, where the reverse (a leaf for a subgraph) raises ValueError."""

import jax.numpy as jnp
from flax import nnx

m = nnx.Dict(v=nnx.Param(jnp.zeros(2)))
try:
    nnx.update(m, nnx.State({"v": {"deep": nnx.Param(jnp.ones(3))}}))
except ValueError:
    pass
came = type(m.v.get_value()).__name__
assert came != "State", "expected ValueError, but the Param now holds a State"
