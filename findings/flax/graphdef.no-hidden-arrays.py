"""An array inside a functools.partial passes as static and ends up in the GraphDef, which is then unhashable."""

import functools

import jax.numpy as jnp
from flax import nnx

m = nnx.Module()
try:
    m.activation = functools.partial(jnp.add, jnp.ones(2))
    graphdef = nnx.graphdef(m)
except ValueError:
    graphdef = None
assert graphdef is None, "expected ValueError (an array in a static attribute), got a GraphDef that holds it"
