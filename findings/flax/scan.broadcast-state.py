"""scan drops what the body writes to a node under axis None, in silence; with graph_updates=False it keeps it."""

import jax.numpy as jnp
from flax import nnx


def body(counter, x):
    counter[...] += 1
    return counter[...]


for graph_updates in (False, True):
    counter = nnx.Variable(jnp.float32(0))
    out = nnx.scan(body, in_axes=(None, 0), out_axes=0, graph_updates=graph_updates)(counter, jnp.arange(3))
    came = [*map(float, out)], float(counter[...])
    assert came == ([1, 2, 3], 3), f"graph_updates={graph_updates}: expected ([1.0, 2.0, 3.0], 3.0), got {came}"
