"""A Param that a jitted function writes to and then takes out of its Module keeps the old value for who holds it."""

import jax.numpy as jnp
from flax import nnx


def step(m):
    m["w"][...] += 1
    del m["w"]


def after(transform):
    m = nnx.Dict(w=nnx.Param(jnp.float32(0)))
    held = m["w"]
    transform(step)(m)
    return float(held[...])


expected = after(lambda f: f)
assert after(nnx.jit) == expected, f"expected {expected}, as without jit, got {after(nnx.jit)}"
