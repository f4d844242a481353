"""With has_aux an array of length two is taken for the pair (output, aux); jax.vjp refuses it with TypeError."""

import jax
import jax.numpy as jnp
from flax import nnx

x = jnp.array([1.0, 2.0])
try:
    jax.vjp(lambda x: x * 2, x, has_aux=True)
except TypeError:
    pass
else:
    raise SystemExit("this jax takes it too")
try:
    with nnx.set_graph_updates(False):
        came = nnx.vjp(lambda x: x * 2, x, has_aux=True)
except TypeError:
    came = None
assert came is None, f"expected TypeError as from jax.vjp, got {came[0]} as output and {came[2]} as aux"
