"""A State that is twice in a namedtuple is known under the path of its first field, not under the sorted first one."""

import collections

import brainstate
import jax.numpy as jnp

Point = collections.namedtuple("Point", ["y", "x"])


class Block(brainstate.graph.Node):
    pass


m = Block()
w = brainstate.ParamState(jnp.zeros(2))
m.sorted_first, m.b = {"y": w, "x": w}, None
as_dict = next(iter(brainstate.graph.treefy_states(m).to_flat()))
m.sorted_first = Point(y=w, x=w)
as_tuple = next(iter(brainstate.graph.treefy_states(m).to_flat()))
assert as_dict == as_tuple, f"expected one rule for the path of a shared State, got {as_dict} and {as_tuple}"
