"""replace_by_pure_dict refuses what to_pure_dict made of the same State if a Variable holds a dict."""

import jax.numpy as jnp
from flax import nnx

state = nnx.state(nnx.Dict(a=nnx.Param({"k": jnp.array(0.0)})))
pure = nnx.to_pure_dict(state)
try:
    nnx.replace_by_pure_dict(state, pure)
    came = "accepted"
except ValueError as error:
    came = error
assert came == "accepted", f"expected its own pure dict to be accepted, got ValueError: {came}"
