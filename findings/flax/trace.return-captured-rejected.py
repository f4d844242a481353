"""Returning a captured Module is refused by jit, vmap and scan; remat, grad, cond, checkify return a clone of it."""

import jax.numpy as jnp
from flax import nnx

m = nnx.Dict(w=nnx.Param(jnp.float32(1)))


def f(x):
    return m


def loss(x):
    return x, m


calls = {
    "jit": lambda x: nnx.jit(f)(x),
    "remat": lambda x: nnx.remat(f)(x),
    "grad": lambda x: nnx.grad(loss, has_aux=True)(x)[1],
    "cond": lambda x: nnx.cond(True, f, f, x),
    "checkify": lambda x: nnx.checkify(f)(x)[1],
}
found = []
for name, call in calls.items():
    try:
        out = call(jnp.float32(0))
    except ValueError:
        continue
    found.append(f"{name}: {'the Module' if out is m else 'a clone'}")
assert not found, f"expected ValueError from each, as from jit, got {found}"
