"""Laws of devices: which one computes makes no difference."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq
from ...devices import accelerator
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION

TOLERANCE = 1e-5
"""Of the product of the absolute values. Summing 64 terms in float32, in any two orders, differs by at most
2 * 64 * 2**-24, which is 0.8e-5 of it; TensorFloat-32 would be off by 1e-3."""


def double_numbers(nnx: Any, m: Any) -> Any:
    """Doubles every number that a Variable holds, which is exact; gives the Module and a sum of small integers."""
    for v in leaves(nnx, m).values():
        if (
            is_variable(nnx, v)
            and isinstance(v.get_value(), jax.Array)
            and jnp.issubdtype(v.get_value().dtype, np.number)
        ):
            v.set_value(v.get_value() + v.get_value())
    return m, jnp.arange(10).sum()


def elsewhere(nnx: Any, root: Any, device: Any) -> list[Any]:
    """The paths of a graph's arrays that are not on the device."""
    found = []
    for path, leaf in leaves(nnx, root).items():
        value = leaf.get_value() if is_variable(nnx, leaf) else leaf
        if any(isinstance(x, jax.Array) and x.devices() != {device} for x in jax.tree.leaves(value)):
            found.append(path)
    return found


@law(
    "device.agree",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("split", "merge", "clone", "transform.jit", "rng.streams", "mutation"),
)
def agree(nnx: Any, make: Any, filters: Any, seed: int) -> Claims:
    """The same script gives the same observation on the CPU and on the accelerator: bit by bit where it builds, copies,
    draws keys and random bits, and computes exactly, eager and under jit; matrix products at the highest precision
    agree within 1e-5 of the product of the absolute values. All arrays are on the device on which the script ran.

    Not promised in words, since jax leaves rounding to each device; but checkpoints are read, and tests written, on
    machines other than those on which models are trained.
    """
    there = accelerator()
    numbers = np.random.default_rng(seed)
    left, right = (numbers.standard_normal((64, 64)).astype("float32") for _ in range(2))

    def exact() -> Any:
        m = make()
        built = observe(nnx, m)
        states = nnx.split(m, *filters)
        rngs = nnx.Rngs(seed)
        drawn = [rngs.default(), rngs.params(), jax.random.bits(rngs.default(), (3,))]
        copies = nnx.merge(*states), nnx.clone(m)
        return m, built, states[1:], drawn, copies, nnx.jit(lambda m: double_numbers(nnx, m))(m)

    def product() -> Any:
        v = nnx.Param(jnp.asarray(left))
        return nnx.jit(lambda v, x: v.get_value() @ x)(v, jnp.asarray(right))

    seen, products = [], []
    for device in (jax.devices("cpu")[0], there):
        with jax.default_device(device), jax.default_matmul_precision("highest"):
            came = exact()
            yield Eq(elsewhere(nnx, came, device), [], f"arrays that are not on {device.platform}")
            seen.append(observe(nnx, came))
            products.append(np.asarray(product()))
    yield Eq(seen[1], seen[0], "exact")
    size = np.abs(left) @ np.abs(right)
    yield Eq(bool(np.all(np.abs(products[1] - products[0]) <= TOLERANCE * size)), True, "a matrix product")


LAWS: tuple[Law, ...] = (agree,)
