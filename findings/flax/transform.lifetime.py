"""With graph=False or graph_updates=False cond, switch, while_loop and fori_loop keep each function they get alive."""

import gc
import weakref

import jax.numpy as jnp
from flax import nnx


class Layer(nnx.Module):
    def __init__(self):
        self.kernel = nnx.Param(jnp.ones(3))


def watched(loop, **mode):
    captured = Layer()

    def body(*args):
        return args[-1] + captured.kernel[...]

    if loop:
        nnx.fori_loop(0, 2, body, jnp.ones(3), **mode)
    else:
        nnx.cond(True, body, body, jnp.ones(3), **mode)
    return {"body": weakref.ref(body), "what it captured": weakref.ref(captured)}


def alive_after(loop, **mode):
    refs = watched(loop, **mode)
    gc.collect()
    return [name for name, ref in refs.items() if ref() is not None]


for loop in (False, True):
    assert alive_after(loop) == []
    for mode in ({"graph": False}, {"graph_updates": False}):
        assert alive_after(loop, **mode) == [], f"expected nothing alive with {mode}, got {alive_after(loop, **mode)}"
