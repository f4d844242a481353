"""cond, switch, while_loop and fori_loop trace the same functions again at each call; jax.lax's own do not."""

import jax
import jax.numpy as jnp
from flax import nnx

traces = []


def double(m):
    traces.append(1)
    m["x"] = m["x"] * 2
    return m


def keep(m):
    return m


def counted(cond):
    traces.clear()
    counts = []
    for _ in range(3):
        cond(True, double, keep, {"x": jnp.float32(1)})
        counts.append(len(traces))
    return counts


assert counted(jax.lax.cond) == [1, 1, 1]
assert counted(nnx.cond) == [1, 1, 1], f"expected one trace in three calls, got {counted(nnx.cond)}"
