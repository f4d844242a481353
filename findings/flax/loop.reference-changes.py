"""A scan whose body swaps two Variables of the carry leaves them swapped after 0 and 2 iterations as well."""

import jax.numpy as jnp
from flax import nnx


class Model(nnx.Module):
    pass


def body(m):
    m.a, m.b = m.b, m.a
    return m


for count in (0, 1, 2):
    m, eager = Model(), Model()
    for one in (m, eager):
        one.a, one.b = nnx.Param(jnp.float32(1)), nnx.Param(jnp.float32(2))
    first = {id(m.a): "a", id(m.b): "b"}
    names = {id(eager.a): "a", id(eager.b): "b"}
    try:
        nnx.scan(body, in_axes=nnx.Carry, out_axes=nnx.Carry, length=count)(m)
    except ValueError:
        continue
    for _ in range(count):
        body(eager)
    came = first[id(m.a)], float(m.a[...]), float(m.b[...])
    expected = names[id(eager.a)], float(eager.a[...]), float(eager.b[...])
    assert came == expected, f"length {count}: expected (who is a, values) {expected}, or ValueError, got {came}"
