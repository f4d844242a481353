"""Comparing equal States raises for arrays of several elements, and ignores Variable types for scalars."""

import jax.numpy as jnp
from flax import nnx

one = nnx.State({"a": nnx.Param(jnp.array(2.0))})
assert (one == nnx.State({"a": nnx.BatchStat(jnp.array(2.0))})) in (True, False)
s, t = nnx.State({"a": nnx.Param(jnp.zeros(2))}), nnx.State({"a": nnx.Param(jnp.zeros(2))})
try:
    came = s == t
except ValueError as error:
    came = error
assert came is True, f"expected True, got {came!r}"
