"""eval_shape keeps States' values, and lets the metadata that the function sets on them stay."""

import brainstate
import jax.numpy as jnp

state = brainstate.ParamState(jnp.zeros(2))


def f():
    state.value = state.value + 1
    state.note = "set under eval_shape"
    return state.value


brainstate.transform.eval_shape(f)
assert state.value.tolist() == [0.0, 0.0]
assert not hasattr(state, "note"), f"expected no effect, got the metadata {state.note!r}"
