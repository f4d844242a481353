"""PRNG states: named streams of random keys.

A stream is a key that never changes and a count: its i-th draw is ``jax.random.fold_in(key, i)``. Both are Variables,
so streams are split, merged, copied and passed through transforms like any other state, and equal states draw equal
keys. ``Rngs`` is a set of named streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from .filters import Filter, first_match, to_predicate
from .pytree import Pytree
from .rng_shorthands import with_distributions
from .variable import Variable

Seed: TypeAlias = int | jax.Array | np.ndarray[Any, Any]
"""What a stream starts from: an int, a typed key, or raw uint32 key data."""
Shape: TypeAlias = int | tuple[int, ...]
A = TypeVar("A")


class RngState(Variable[A]):
    """State of a stream; its metadata entry ``tag`` is the stream's name."""


class RngKey(RngState[A]):
    """The key of a stream."""


class RngCount(RngState[A]):
    """How many keys a stream has handed out, a uint32."""


@with_distributions
class RngStream(Pytree):
    """A sequence of keys; calling it draws the next.

    Args:
      key: the seed; the keys of an array of keys can be drawn only one by one, under ``jax.vmap``.
      tag: the name of the stream.

    Raises:
      ValueError: if ``key`` is no seed.
    """

    def __init__(self, key: Seed, *, tag: str) -> None:
        key = as_key(key)
        self.tag = tag
        self.key = RngKey[jax.Array](key, tag=tag)
        self.count = RngCount[jax.Array](jnp.zeros(key.shape, jnp.uint32), tag=tag)

    def __call__(self) -> jax.Array:
        """Draws a key: folds the count into the stream's key and adds one to the count.

        Raises:
          TraceContextError: if the stream was created in another trace.
          ValueError: if the stream holds an array of keys.
        """
        self.count._trace_state.check(self.count)
        if self.key.shape != ():
            raise ValueError(
                f"the stream {self.tag!r} holds keys of shape {self.key.shape}, and one draw gives one key; "
                "map over the keys with jax.vmap"
            )
        count = self.count.get_value()
        key = jax.random.fold_in(self.key.get_value(), count)
        self.count.set_value(count + 1)
        return key

    def fork(self, *, split: Shape | None = None) -> RngStream:
        """A new stream whose key is the next draw, or that draw split into the given shape."""
        key = self()
        return RngStream(key if split is None else jax.random.split(key, split), tag=self.tag)

    def split(self, k: Shape) -> RngStream:
        """A new stream of different keys: the next draw, split into shape ``k``."""
        return RngStream.fork(self, split=k)

    def broadcast(self, k: Shape) -> RngStream:
        """A new stream of equal keys: the next draw, repeated to shape ``k``."""
        return RngStream(jnp.broadcast_to(self(), (k,) if isinstance(k, int) else k), tag=self.tag)

    def copy_as(self, tag: str) -> RngStream:
        """A new stream named ``tag`` that goes on where this one stands."""
        stream = RngStream(self.key.get_value(), tag=tag)
        stream.count.set_value(self.count.get_value())
        return stream


@with_distributions
class Rngs(Pytree):
    """Named streams, as attributes and items; a name that was not given means the stream ``default``.

    Args:
      default: the seed of the stream ``default``, or a mapping from names to seeds.
      **streams: seeds by name. A seed may also be a stream, which is continued in a copy.
    """

    def __init__(
        self,
        default: Seed | RngStream | Mapping[str, Seed | RngStream] | None = None,
        /,
        **streams: Seed | RngStream | None,
    ) -> None:
        given: dict[str, Any] = dict(streams)
        if isinstance(default, Mapping):
            given = {**default, **streams}
        elif default is not None:
            if "default" in streams:
                raise TypeError("the seed of the stream 'default' was given twice")
            given = {"default": default, **streams}
        for name, seed in given.items():
            if seed is not None or name != "default":
                setattr(self, name, seed.copy_as(name) if isinstance(seed, RngStream) else RngStream(seed, tag=name))

    def __call__(self) -> jax.Array:
        """The next key of the stream ``default``."""
        return Rngs._stream(self, "default", AttributeError)()

    def __getattr__(self, name: str) -> RngStream:
        if name.startswith("__"):  # protocols such as pickle ask for these; they are no streams
            raise AttributeError(name)
        return Rngs._stream(self, name, AttributeError)

    def __getitem__(self, name: str) -> RngStream:
        return Rngs._stream(self, name, KeyError)

    def _stream(self, name: str, error: type[Exception]) -> RngStream:
        streams = vars(self)
        stream = streams.get(name, streams.get("default"))
        if not isinstance(stream, RngStream):
            raise error(f"there is no stream {name!r} and no stream 'default' to stand in; pass a seed: Rngs({name}=0)")
        return stream

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in Rngs.items(self))

    def __len__(self) -> int:
        return sum(1 for _ in Rngs.items(self))

    def __contains__(self, name: object) -> bool:
        return any(name == known for known, _ in Rngs.items(self))

    # Streams may be named like methods and then shadow them, so methods call each other through the class.
    def items(self) -> Iterator[tuple[str, RngStream]]:
        """The streams with their names, in the order in which they were given."""
        return ((name, stream) for name, stream in vars(self).items() if isinstance(stream, RngStream))

    def fork(self, /, *, split: Mapping[Filter, Shape | None] | Shape | None = None) -> Rngs:
        """New streams whose keys are drawn from these; ``split`` says, per filter, the shape to split them into."""
        rules: Mapping[Any, Shape | None] = split if isinstance(split, Mapping) else {...: split}
        return Rngs._derive(self, rules, lambda s, shape: RngStream.fork(s, split=shape), RngStream.fork)

    def split(self, k: Mapping[Filter, Shape | None] | Shape) -> Rngs:
        """Streams of different keys: each stream's next draw, split into shape ``k``.

        Args:
          k: the shape, or a shape per filter. The first filter that matches a stream decides; a stream with the shape
            None, or without a match, is continued in a copy, and nothing is drawn from it.
        """
        rules: Mapping[Any, Shape | None] = k if isinstance(k, Mapping) else {...: k}
        return Rngs._derive(self, rules, _unless_none(RngStream.split), _continued)

    def broadcast(self, k: Mapping[Filter, Shape | None] | Shape | None) -> Rngs:
        """Streams of equal keys: each stream's next draw, repeated to shape ``k``; ``k`` as for ``split``."""
        rules: Mapping[Any, Shape | None] = k if isinstance(k, Mapping) else {...: k}
        return Rngs._derive(self, rules, _unless_none(RngStream.broadcast), _continued)

    def _derive(
        self,
        rules: Mapping[Any, Shape | None],
        matched: Callable[[RngStream, Shape | None], RngStream],
        unmatched: Callable[[RngStream], RngStream],
    ) -> Rngs:
        predicates = [to_predicate(filter) for filter in rules]
        shapes = list(rules.values())
        streams: dict[str, Seed | RngStream] = {}
        for name, stream in Rngs.items(self):
            rule = first_match(predicates, (name,), stream)
            streams[name] = matched(stream, shapes[rule]) if rule < len(shapes) else unmatched(stream)
        return Rngs(streams)


def as_key(seed: Any) -> jax.Array:
    """The typed key that a seed stands for; ValueError if it is none."""
    try:
        if isinstance(seed, int):
            return jax.random.key(seed)
        if isinstance(seed, jax.Array | np.ndarray):
            if jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
                return jnp.asarray(seed)
            if seed.dtype == np.uint32:
                key: jax.Array = jax.random.wrap_key_data(jnp.asarray(seed))
                return key
    except (OverflowError, TypeError) as error:
        raise ValueError(f"{seed!r} is no seed: {error}") from error
    raise ValueError(f"{seed!r} is no seed; use an int, a key from jax.random.key, or raw uint32 key data")


def _continued(stream: RngStream) -> RngStream:
    return stream.copy_as(stream.tag)


def _unless_none(derive: Callable[[RngStream, Shape], RngStream]) -> Callable[[RngStream, Shape | None], RngStream]:
    return lambda stream, shape: _continued(stream) if shape is None else derive(stream, shape)
