"""What vmap writes to a reference that it maps along axis 1 lands along axis 0."""

import jax
import jax.numpy as jnp

table = jax.new_ref(jnp.array([[0.0, 1.0], [1.0, 2.0]]))


def add(lane, column):
    column[...] = column[...] + lane


jax.vmap(add, in_axes=(0, 1))(jnp.arange(2.0), table)
came = table[...].tolist()
assert came == [[0.0, 2.0], [1.0, 3.0]], f"expected 1 added to the second column, got {came}"
