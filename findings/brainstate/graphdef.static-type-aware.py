"""GraphDefs whose static is 1 and True are equal with equal hashes, so jit runs the one compiled for the other."""

import brainstate
import jax
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


def split(static):
    m = Block()
    m.k, m.w = static, brainstate.ParamState(jnp.zeros(2))
    return brainstate.graph.treefy_split(m)


kinds = []


@jax.jit
def f(graphdef, state):
    m = brainstate.graph.treefy_merge(graphdef, state)
    kinds.append(type(m.k).__name__)
    return m.w.value + (1 if isinstance(m.k, bool) else 2)


first, second = f(*split(1)), f(*split(True))
assert second.tolist() == [1.0, 1.0], (
    f"expected [1.0, 1.0], the result for True, got {second.tolist()}; traced: {kinds}"
)
