"""Reading a reference at an index out of bounds raises; an array is read at the nearest one."""

import jax
import jax.numpy as jnp

x = jnp.array([1.0, 2.0])
try:
    came = float(jax.new_ref(x)[2])
except ValueError as error:
    came = f"{type(error).__name__}: {error}"
assert came == float(x[2]), f"expected {float(x[2])}, as from the array; got {came}"
