"""A function that writes to a reference and then raises has changed it where jax.grad runs it, and not under jax.jit.

Under jit nothing has run when the exception comes; under grad every operation runs at once.
"""

import jax
import jax.numpy as jnp


def stopped(x, ref):
    ref[...] = ref[...] + 1
    raise RuntimeError("stopped")


came = {}
for name, transformed in (("jit", jax.jit(stopped)), ("grad", jax.grad(stopped))):
    ref = jax.new_ref(jnp.float32(1))
    try:
        transformed(jnp.float32(1), ref)
    except RuntimeError:
        came[name] = float(ref[...])
assert came == {"jit": 1.0, "grad": 1.0}, f"expected the argument unchanged by a call that raised, got {came}"
