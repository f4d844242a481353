"""Comparison, !=, truth value, divmod and format of a Variable: not those of its value."""

import jax.numpy as jnp
from flax import nnx

x = jnp.array([0.0])
cases = {"<": lambda v: v < 2, "!=": lambda v: v != jnp.ones(2), "bool": bool, "divmod": lambda v: divmod(v, 2)[0]}
wrong = []
for name, f in cases.items():
    try:
        ok = bool((jnp.asarray(f(nnx.Param(x))) == jnp.asarray(f(x))).all())
    except Exception:
        ok = False
    wrong += [] if ok else [name]
assert wrong == [], f"expected what the array gives; different for {wrong}"
