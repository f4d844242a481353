"""graph.clone, documented as a deep copy, shares mutable metadata (in 0.5.4 the set of tags too) with its source."""

import brainstate
import jax.numpy as jnp


class Block(brainstate.graph.Node):
    pass


m = Block()
m.w = brainstate.ParamState(jnp.zeros(2), tag="frozen", history=[])
c = brainstate.graph.clone(m)
c.w.add_tag("copied")
c.w.history.append("x")
came = sorted(m.w.tag), m.w.history
assert came == (["frozen"], []), f"expected tags and metadata of the source unchanged, got {came}"
