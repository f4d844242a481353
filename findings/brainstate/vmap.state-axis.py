"""vmap's `in_states` is documented as a dict from axes to states; unless the values are dicts, the axis is ignored."""

import brainstate
import jax.numpy as jnp

state = brainstate.ParamState(jnp.zeros((2, 2)))


def write(i):
    state.value = jnp.arange(2.0) + 10 * i


brainstate.transform.vmap(write, in_states={1: [state]}, out_states={1: [state]})(jnp.arange(2))
came = state.value.tolist()
assert came == [[0.0, 10.0], [1.0, 11.0]], f"expected the lanes along axis 1, got {came}"
