"""In tree mode fori_loop and while_loop accept one Variable twice, and lose an update of it; jit refuses."""

import jax.numpy as jnp
from flax import nnx


def add(i, pair):
    pair[0][...] += 1
    return pair


v = nnx.Param(jnp.zeros(()))
try:
    nnx.jit(lambda pair: add(0, pair)[0][...], graph=False)([v, v])
    raise SystemExit("jit accepted it as well")
except ValueError:
    pass
try:
    nnx.fori_loop(0, 3, add, [v, v], graph=False)
except ValueError:
    came = "refused"
else:
    came = f"accepted, and the value is {v[...]} after three times += 1"
assert came == "refused", f"expected ValueError, got: {came}"
