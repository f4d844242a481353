"""Writing at a numpy index or mask raises ValueError (`index == ...` is elementwise); reading there works."""

import jax.numpy as jnp
import numpy as np
from flax import nnx

v = nnx.Param(jnp.zeros(3))
assert v[np.array([0, 2])].shape == (2,)
try:
    v[np.array([0, 2])] = 1.0
    came = v.get_value().tolist()
except ValueError as error:
    came = error
assert came == [1.0, 0.0, 1.0], f"expected [1, 0, 1], got {came!r}"
