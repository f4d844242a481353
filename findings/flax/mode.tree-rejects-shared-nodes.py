"""Tree mode refuses shared Variables, but a shared Module that holds arrays is accepted and silently duplicated."""

import jax.numpy as jnp
from flax import nnx

m = nnx.Dict(a=nnx.Dict(x=jnp.zeros(2)))
m.b = m.a
with nnx.set_graph_mode(False):
    try:
        merged = nnx.merge(*nnx.split(m))
    except ValueError:
        merged = None
assert merged is None or merged.a is merged.b, "expected ValueError: a and b were one Module and are now two"
