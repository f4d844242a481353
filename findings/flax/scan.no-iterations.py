"""After an nnx.scan without iterations, a Module has what the body would set: an attribute, a static, metadata."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def body(m):
    m.n = 1
    m.more = nnx.Param(jnp.ones(2))
    m.a.set_metadata(note="new")


m = Model()
m.n, m.a = 0, nnx.Param(jnp.zeros((0, 2)))
nnx.scan(body, in_axes=0, out_axes=0)(m)
came = (m.n, hasattr(m, "more"), "note" in m.a.get_metadata())
assert came == (0, False, False), f"expected the Module as it was, (0, False, False), got {came}"
