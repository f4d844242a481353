"""Module.__deepcopy__ ignores memo: what two Modules share is copied twice; deepcopy of a Variable gives an array."""

import copy

import jax.numpy as jnp
from flax import nnx

a, b = nnx.Dict(w=nnx.Param(jnp.zeros(2))), nnx.Dict()
b.w = a.w
a2, b2 = copy.deepcopy([a, b])
v2 = copy.deepcopy(a.w)
came = (a2.w is b2.w, type(v2).__name__)
assert came == (True, "Param"), f"expected (True, 'Param'), got {came}"
