"""nnx.update leaves metadata True where the state has 1: the two are compared by equality."""

import jax.numpy as jnp
from flax import nnx

model = nnx.Dict(w=nnx.Param(jnp.float32(0), note=True))
state = nnx.state(nnx.Dict(w=nnx.Param(jnp.float32(0), note=1)))

nnx.update(model, state)
note = model["w"].get_metadata()["note"]
assert type(note) is int, f"expected the 1 of the state, got {note!r}"
