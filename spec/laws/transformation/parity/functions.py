"""Functions of plain arrays, chosen by small ints, and what the laws of option parity share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ....claims import Claims, Eq, attempt


def mix(recipe: Sequence[int], *parts: Any) -> Any:
    """A polynomial of all arrays in `parts`, which have shapes that broadcast; exact on small integers."""
    arrays = jax.tree.leaves(parts)
    total = arrays[0] if arrays else jnp.float32(1)
    for number in recipe:
        array = arrays[(number // 3) % len(arrays)] if arrays else 2
        total = (total + array, total * array, array - total)[number % 3]
    return total


def packed(how: int, value: Any) -> Any:
    """A value by itself, or in a plain container."""
    return (value, (value,), {"k": value}, [value, (value,)], {"a": (), "b": [value]})[how % 5]


def answer(how: int, value: Any) -> Any:
    """What a function returns for a value: the value, or several in a container."""
    return (value, (value, value + 1), {"y": value, "n": None}, [value, (value + 1,), ()])[how % 4]


def fresh(value: Any) -> Any:
    """The same value in new buffers, so that one call cannot donate what another needs."""
    return jax.tree.map(lambda x: jnp.array(x, copy=True) if isinstance(x, jax.Array) else x, value)


def array(shape: Sequence[int], seed: int, dtype: Any = "float32") -> jax.Array:
    """An array of small integers."""
    return jnp.asarray((np.arange(int(np.prod(shape))) * 2 + seed).reshape(shape) % 5, dtype)


def offered(nnx: Any, action: Callable[[], Any]) -> Any:
    """What an action gives in the default mode, or in tree mode where the default mode does not offer it."""
    try:
        return action()
    except NotImplementedError:
        if not nnx.offers("tree-mode"):
            raise
    with nnx.set_graph_mode(False):
        return action()


def agree(lifted: Callable[[], Any], plain: Callable[[], Any], about: str = "") -> Claims:
    """The claim that the lifted transform does what jax does: gives an equal value, or is refused alike."""
    yield Eq(attempt(lifted), attempt(plain), about)
