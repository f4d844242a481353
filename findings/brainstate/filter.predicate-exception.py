"""A filter that raises half way makes pop_states lose what it took before: those States are returned to nobody."""

import brainstate
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


m = Block()
m.a, m.b = brainstate.ParamState(jnp.zeros(2)), brainstate.ParamState(jnp.ones(2))


def predicate(path, state):
    if path == ("b",):
        raise RuntimeError("stop")
    return True


try:
    brainstate.graph.pop_states(m, predicate)
except RuntimeError:
    pass
assert hasattr(m, "a"), "expected the node unchanged, but the State 'a' is gone"
