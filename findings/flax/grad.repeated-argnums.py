"""An argument that is named twice in argnums, from the front and from the end, is not refused."""

import jax.numpy as jnp
from flax import nnx


def attempt(argnums):
    try:
        return nnx.grad(lambda m, x: jnp.sum(x**2), argnums=argnums)(nnx.Dict(w=nnx.Param(2.0)), jnp.ones(2))
    except ValueError:
        return "ValueError"


assert attempt((0, 0)) == "ValueError"
came = attempt((0, -2))
assert came == "ValueError", f"expected ValueError as for (0, 0), got {type(came).__name__} of gradients"
