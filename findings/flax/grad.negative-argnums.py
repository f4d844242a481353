"""With a negative argnum grad differentiates every Variable of a node, not its Params."""

import jax.numpy as jnp
from flax import nnx

m = nnx.Dict(w=nnx.Param(jnp.array(2.0)), stat=nnx.BatchStat(jnp.array(3.0)))


def loss(x, m):
    return x * m.w[...] ** 2


front = nnx.grad(loss, argnums=1)(1.0, m)
assert list(front) == ["w"]
back = nnx.grad(loss, argnums=-1)(1.0, m)
assert list(back) == ["w"], f"expected the gradient of argnums=1, with ['w'], got {sorted(back)}"
