"""A Param that a custom_vjp function only reads is used after the call: that use is lost from the gradient."""

import jax.numpy as jnp
from flax import nnx


@nnx.custom_vjp
def f(m):
    return jnp.sin(m.w[...])


def forward(m):
    return f(m), jnp.cos(m.w[...])


def backward(cos, g):
    (m_updates_g,), out_g = g
    m_updates_g.w.set_value(cos * out_g)
    return (m_updates_g,)


f.defvjp(forward, backward)

before = nnx.grad(lambda m: m.w[...] ** 2 + f(m))(nnx.Dict(w=nnx.Param(jnp.array(3.0))))
after = nnx.grad(lambda m: f(m) + m.w[...] ** 2)(nnx.Dict(w=nnx.Param(jnp.array(3.0))))
expected = 2 * 3.0 + jnp.cos(3.0)
assert abs(before.w[...] - expected) < 1e-5
assert abs(after.w[...] - expected) < 1e-5, f"expected {expected}, got {after.w[...]} where w is used after the call"
