"""A Variable that holds a dict does not survive to_pure_dict and merge: it comes back holding the bare entry."""

import jax.numpy as jnp
from flax import nnx

graphdef, state = nnx.split(nnx.Dict(a=nnx.Param({"k": jnp.array(0.0)})))
m = nnx.merge(graphdef, nnx.to_pure_dict(state))
assert isinstance(m.a.get_value(), dict), f"expected a dict, got {m.a.get_value()!r}"
