"""A write that differs between devices, to a reference that shard_map has whole on each, ends in a bare AssertionError.

jax.shard_map tells the same mistake in an output with a ValueError that explains it.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "2")

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

mesh = Mesh(np.array(jax.devices()[:2]), ("a",))
ref, x = jax.new_ref(jnp.zeros(())), jnp.arange(2.0)


def body(ref, x):
    ref[...] = ref[...] + x[0]


try:
    jax.shard_map(body, mesh=mesh, in_specs=(P(), P("a")), out_specs=P())(ref, x)
    came = "nothing raised"
except Exception as error:
    came = f"{type(error).__name__}: {error}"
assert came.startswith("ValueError"), f"expected a ValueError that says what is wrong, got {came!r}"
