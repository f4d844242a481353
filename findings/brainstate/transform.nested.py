"""In nested vmap a State that only the outer one maps cannot be written inside the inner one: BatchAxisError."""

import brainstate
import jax.numpy as jnp
from brainstate.transform import vmap

state = brainstate.ParamState(jnp.array([[0.0, 1.0], [10.0, 11.0]]))


def write(i):
    state.value = state.value * 2


def inner(i):
    vmap(write)(jnp.arange(3))


try:
    vmap(inner, in_states={1: {"s": state}}, out_states={1: {"s": state}})(jnp.arange(2))
except brainstate.BatchAxisError as error:
    raise AssertionError(f"the inner vmap does not map the State, so the write is plain; got {error}") from None
assert state.value.tolist() == [[0.0, 2.0], [20.0, 22.0]], state.value
