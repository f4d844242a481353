"""nnx.update of a captured Module leaks a tracer into a list held as data (Variables, attributes are checked)."""

import jax
import jax.numpy as jnp
from flax import nnx

m = nnx.Module()
m.stats = nnx.data([jnp.float32(0)])


@jax.jit
def f(x):
    nnx.update(m, nnx.State({"stats": {0: x}}))
    return x


try:
    f(1.0)
except Exception as error:
    assert type(error).__name__ == "TraceContextError", error
assert not isinstance(m.stats[0], jax.core.Tracer), "expected TraceContextError, but m.stats[0] is a leaked tracer"
