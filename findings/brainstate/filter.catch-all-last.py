"""pop_states accepts a filter after `...`, which treefy_split and states refuse with ValueError; it gets nothing."""

import brainstate
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


m = Block()
m.w = brainstate.ParamState(jnp.zeros(2))
try:
    brainstate.graph.treefy_split(m, ..., brainstate.ParamState)
except ValueError:
    pass
try:
    rest, params = brainstate.graph.pop_states(m, ..., brainstate.ParamState)
except ValueError:
    pass
else:
    raise AssertionError(f"expected ValueError, got {len(rest)} states for ... and {len(params)} for ParamState")
