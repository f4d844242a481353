"""One of several processes that train a sharded Module together; prints what it ends with as one line of JSON.

Started as: worker.py LIBRARY PROCESSES NUMBER PORT. With one process nothing is distributed, and that is the oracle.
"""

import importlib
import json
import os
import sys
from typing import Any

DEVICES = 4
"""Of all processes together."""


def build(nnx: Any) -> Any:
    """A Module with a tied weight, state that is no parameter, and a stream; integers, so that every sum is exact."""
    import jax.numpy as jnp

    class Layer(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, rngs: Any) -> None:
            self.kernel = nnx.Param(jnp.arange(32, dtype="float32").reshape(8, 4) % 5 - 2)
            self.tied = self.kernel
            self.seen = nnx.BatchStat(jnp.zeros(4))
            self.rngs = rngs

    return Layer(nnx.Rngs(0))


def seen(nnx: Any, m: Any) -> dict[str, Any]:
    """Everything of the Module that can differ, as plain data; parts of other processes are fetched first."""
    import jax
    from jax.experimental import multihost_utils

    state = nnx.split(m)[1]
    found = {}
    for path, leaf in nnx.to_flat_state(state):
        value = leaf.get_value()
        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            value = jax.random.key_data(value)
        layout = str(getattr(value.sharding, "spec", ""))
        if jax.process_count() > 1:
            value = multihost_utils.process_allgather(value, tiled=True)
        found[".".join(map(str, path))] = [str(value.dtype), layout, jax.device_get(value).tolist()]
    return {"leaves": found, "tied": m.tied is m.kernel}


def main(library: str, processes: int, number: int, port: int) -> dict[str, Any]:
    """Lays a Module on the devices of all processes, splits and merges it, and trains it for one step."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    if processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(f"localhost:{port}", processes, number, initialization_timeout=60)
    nnx = importlib.import_module(library)
    mesh = jax.sharding.Mesh(np.array(jax.devices()).reshape(DEVICES), ("d",))

    def lay(value: Any, *spec: Any) -> Any:
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*spec))
        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            return jax.random.wrap_key_data(lay(jax.random.key_data(value), *spec))
        whole = np.asarray(value)
        return jax.make_array_from_callback(whole.shape, sharding, lambda index: whole[index])

    graphdef, params, rest = nnx.split(build(nnx), nnx.Param, ...)
    params = jax.tree.map(lambda x: lay(x, "d"), params)
    m = nnx.merge(graphdef, params, jax.tree.map(lay, rest))
    x = lay(jnp.arange(32, dtype="float32").reshape(4, 8) % 3, None, "d")

    def step(m: Any, x: Any) -> Any:
        def loss(m: Any, x: Any) -> Any:
            y = x @ m.kernel.get_value()
            m.seen.set_value(m.seen.get_value() + y.sum(0))
            keep = jax.random.bernoulli(m.rngs.default(), 0.5, y.shape)
            return jnp.where(keep, y * y, 0).sum()

        value, grads = nnx.value_and_grad(loss)(m, x)
        m.kernel.set_value(m.kernel.get_value() - 0.25 * grads["kernel"].get_value())
        return value

    value = nnx.jit(step)(m, x)
    copy = nnx.merge(*nnx.split(m))
    devices = [jax.process_count(), jax.device_count()]
    return {"loss": float(value), "devices": devices, "module": seen(nnx, m), "copy": seen(nnx, copy)}


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    of_processes, own_number, at_port = map(int, numbers)
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_NUM_CPU_DEVICES"] = str(DEVICES // of_processes)
    os.environ.pop("XLA_FLAGS", None)
    print(json.dumps(main(name, of_processes, own_number, at_port)), flush=True)
