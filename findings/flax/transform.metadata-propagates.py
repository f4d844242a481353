"""A transform inside or around nnx.jit loses the metadata that it propagates where it stands alone."""

import jax.numpy as jnp
from flax import nnx


def note(v):
    v.set_metadata(note="seen")


def came(transform):
    v = nnx.Param(jnp.zeros(2))
    transform(note)(v)
    return v.get_metadata("note", None)


assert came(nnx.remat) == came(nnx.vmap) == came(lambda f: nnx.vmap(nnx.remat(f))) == "seen"
found = came(lambda f: nnx.remat(nnx.jit(f))), came(lambda f: nnx.jit(nnx.vmap(f)))
assert found == ("seen", "seen"), f"expected 'seen' after remat(jit(f)) and jit(vmap(f)), got {found}"
