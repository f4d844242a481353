"""jit loses changes of metadata in the default mode; vmap, remat, cond and checkify propagate them."""

import jax.numpy as jnp
from flax import nnx


def note(v):
    v.set_metadata(note="seen")
    v[...] += 1


v, w = nnx.Param(jnp.zeros(1)), nnx.Param(jnp.zeros(1))
nnx.remat(note)(v)
assert v.get_metadata("note", None) == "seen"
nnx.jit(note)(w)
came = w.get_metadata("note", None)
assert w[0] == 1 and came == "seen", f"expected note='seen' beside the new value, got {came!r}"
