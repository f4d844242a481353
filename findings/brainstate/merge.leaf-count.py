"""treefy_merge drops leaves that the GraphDef does not know in silence; a missing one is refused."""

import brainstate
import jax.numpy as jnp
from brainstate.util import NestedDict


class Block(brainstate.graph.Node):
    pass


m = Block()
m.w = brainstate.ParamState(jnp.zeros(2))
graphdef, state = brainstate.graph.treefy_split(m)
try:
    merged = brainstate.graph.treefy_merge(graphdef, NestedDict({"w": state["w"], "typo": state["w"]}))
except ValueError:
    pass
else:
    raise AssertionError(f"expected ValueError for the leaf 'typo', got a node with {sorted(vars(merged))}")
