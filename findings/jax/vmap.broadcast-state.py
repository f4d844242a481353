"""A write under vmap to a reference that all lanes share is refused also where it is the same in every lane."""

import jax
import jax.numpy as jnp

ref = jax.new_ref(jnp.float32(0))


def body(i, ref):
    ref[...] = ref[...] + 1
    return i


try:
    jax.vmap(body, in_axes=(0, None))(jnp.arange(2), ref)
    came = float(ref[...])
except Exception as error:
    came = f"{type(error).__name__}: {error}"
assert came == 1.0, f"expected the reference to hold 1.0, got {came}"
