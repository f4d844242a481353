"""The oracle for random streams: a stream is a key and a count, and its next key is the count folded into the key."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def seed_key(seed: Any) -> jax.Array:
    """The key of a stream that was given `seed`: an int seeds a key, uint32 data is wrapped, a typed key is itself."""
    if isinstance(seed, int):
        return jax.random.key(seed)
    if jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
        key: jax.Array = seed
        return key
    wrapped: jax.Array = jax.random.wrap_key_data(jnp.asarray(seed))
    return wrapped


def folded(key: jax.Array, count: int) -> jax.Array:
    """The key that a stream hands out at a count."""
    return jax.random.fold_in(key, count % 2**32)


def snapshot(rngs: Any) -> dict[str, tuple[Any, Any]]:
    """Key and count of every stream of an Rngs, by name."""
    return {name: (rngs[name].key.get_value(), rngs[name].count.get_value()) for name in sorted(rngs)}


def fingerprint(key: jax.Array) -> tuple[str, bytes]:
    """A key as a hashable value: implementation and bits."""
    data = jax.random.key_data(key)
    return str(key.dtype), jax.device_get(data).tobytes()


def all_different(keys: list[jax.Array]) -> bool:
    """Whether no key occurs twice."""
    return len({fingerprint(key) for key in keys}) == len(keys)
