"""A missing attribute of a NestedDict raises KeyError, so that hasattr and getattr with a default raise it too."""

import brainstate
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


m = Block()
m.w = brainstate.ParamState(jnp.zeros(2))
state = brainstate.graph.treefy_states(m)
try:
    there = hasattr(state, "b")
except KeyError as error:
    raise AssertionError(f"expected False from hasattr, got KeyError: {error}") from None
assert not there
