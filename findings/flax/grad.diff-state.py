"""A DiffState with a list as filter, which every other function takes, ends in a TypeError about hashing."""

import jax.numpy as jnp
from flax import nnx

m = nnx.Dict(w=nnx.Param(jnp.array(3.0)), stat=nnx.BatchStat(jnp.array(1.0)))
assert list(nnx.split(m, [nnx.Param, "tag"], ...)[1]) == ["w"]
try:
    came = list(nnx.grad(lambda m: m.w[...] ** 2, argnums=nnx.DiffState(0, [nnx.Param, "tag"]))(m))
except TypeError as error:
    came = f"TypeError: {error}"
assert came == ["w"], f"expected the gradient of ['w'], got {came}"
