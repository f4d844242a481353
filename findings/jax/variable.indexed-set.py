"""An index out of bounds, or a value of another dtype, is refused by a reference; x.at[i].set(v) takes both.

`x.at[2].set(0)` ignores positions that are not there, and casts; `ref[2] = 0` raises.
"""

import jax
import jax.numpy as jnp

x = jnp.array([1.0, 2.0])
ref = jax.new_ref(x)
came = []
for index, value in ((2, jnp.float32(0)), (0, jnp.int32(3))):
    x = x.at[index].set(value)
    try:
        ref[index] = value
        came.append(ref[...].tolist())
    except ValueError as error:
        came.append(str(error).split(".")[0])
assert came == [[1.0, 2.0], [3.0, 2.0]], f"expected what x.at[index].set(value) gives, got {came}"
