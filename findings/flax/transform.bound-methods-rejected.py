"""The control-flow functions take bound methods of Modules, which nnx.jit and the other transforms refuse."""

import jax.numpy as jnp
from flax import nnx


class Layer(nnx.Module):
    def __init__(self):
        self.scale = nnx.Param(jnp.float32(2))

    def value(self, x):
        return self.scale[...] * x

    def step(self, i, x):
        return self.scale[...] * x


def is_refused(action):
    try:
        action()
    except ValueError:
        return True
    return False


m, x = Layer(), jnp.float32(3)
assert is_refused(lambda: nnx.jit(m.value)(x))
calls = {
    "cond": lambda: nnx.cond(True, m.value, lambda x: x, x),
    "switch": lambda: nnx.switch(0, (m.value, lambda x: x), x),
    "while_loop": lambda: nnx.while_loop(lambda v: v < 9, m.value, x),
    "fori_loop": lambda: nnx.fori_loop(0, 2, m.step, x),
}
found = [name for name, call in calls.items() if not is_refused(call)]
assert not found, f"expected ValueError from each, got a result from {found}"
