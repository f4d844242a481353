"""A prefix of the wrong structure is refused with RecursionError, not ValueError, where a Module has a cycle."""

import threading

import jax.numpy as jnp
from flax import nnx


class Node(nnx.Module):
    def __init__(self):
        self.w = nnx.Param(jnp.ones(2))


came = []


def call(node):
    try:
        nnx.vmap(lambda node, xs: xs, in_axes=(0, [0]))(node, [jnp.ones(2), jnp.ones(2)])
    except (ValueError, TypeError, RecursionError) as error:
        came.append(type(error).__name__)


for cyclic in (False, True):
    node = Node()
    node.parent = node if cyclic else None
    # In a thread of its own: such an error uses up levels of recursion.
    thread = threading.Thread(target=call, args=(node,))
    thread.start()
    thread.join()
assert came == ["ValueError", "ValueError"], f"expected ValueError without and with a cycle, got {came}"
