"""Two states of one unchanged model are unequal: a TreefyState compares by identity."""

import brainstate
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


m = Block()
m.w = brainstate.ParamState(jnp.float32(1))
one, two = brainstate.graph.treefy_states(m), brainstate.graph.treefy_states(m)
assert one == two, "expected two snapshots of the same State to be equal"
