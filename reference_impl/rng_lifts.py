"""Changing all streams of a graph at once: splitting and forking them for a while, and seeding them anew."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

import jax
import jax.numpy as jnp

from .filters import Filter, Predicate, to_predicate
from .paths import Path
from .rngs import Rngs, RngStream, Seed, Shape
from .values import MISSING, Missing
from .walk import iter_graph

F = TypeVar("F", bound=Callable[..., Any])
Backup = tuple[RngStream, jax.Array, jax.Array]
Rule = tuple[Predicate, Shape | None]


class SplitBackups(Iterable[Backup]):
    """The streams that were replaced, with the keys and counts to go back to; a ``with`` block does so at its end."""

    def __init__(self, backups: Sequence[Backup]) -> None:
        self.backups = list(backups)

    def __iter__(self) -> Iterator[Backup]:
        return iter(self.backups)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        restore_rngs(self)


def restore_rngs(backups: Iterable[Backup], /) -> None:
    """Gives streams back their former keys; the count is one up, for the draw that replaced them."""
    for stream, key, count in backups:
        stream.key.set_value(key)
        stream.count.set_value(count)


def split_rngs(
    node: Any = MISSING, /, *, splits: Shape, only: Filter = ..., squeeze: bool = False
) -> SplitBackups | Callable[[F], F]:
    """Replaces the key of each stream in ``node`` by its next draw, split into shape ``splits``.

    Without a node this is a decorator, which splits the streams in the arguments for the time of the call.

    Args:
      splits: the shape that is put before the shape of each key.
      only: a filter that has to match both the key and the count of a stream.
      squeeze: take the one key of a single split.

    Returns:
      The way back: a context manager, also accepted by ``restore_rngs``.

    Raises:
      ValueError: if ``squeeze`` is asked for with a number of splits other than one.
    """
    if squeeze and splits not in (1, (1,)):
        raise ValueError(f"squeeze=True takes the one key of splits=1, got splits={splits!r}")
    if isinstance(node, Missing):
        return _during_call(lambda arguments: _replace_streams(arguments, [(to_predicate(only), splits)], squeeze))
    return _replace_streams(node, [(to_predicate(only), splits)], squeeze)


def fork_rngs(
    node: Any = MISSING, /, *, split: Mapping[Filter, Shape | None] | Shape | None = None
) -> SplitBackups | Callable[[F], F]:
    """Replaces the key of each stream in ``node`` by its next draw; a decorator without a node, as ``split_rngs``.

    Args:
      split: a shape to split the draw into, or None not to, also per filter; for each stream the first that matches.
    """
    by_filter = split if isinstance(split, Mapping) else {...: split}
    rules = [(to_predicate(filter), shape) for filter, shape in by_filter.items()]
    if isinstance(node, Missing):
        return _during_call(lambda arguments: _replace_streams(arguments, rules))
    return _replace_streams(node, rules)


def backup_keys(node: Any, /) -> list[Backup]:
    """Each stream in ``node`` with its key and count, for ``restore_rngs``."""
    return [(stream, stream.key.get_value(), stream.count.get_value()) for _, stream in _streams(node)]


def reseed(
    node: Any,
    /,
    *,
    policy: str | Callable[[Path, jax.Array, tuple[int, ...]], jax.Array] = "scalars_only",
    **stream_keys: Seed,
) -> None:
    """Starts the streams named by ``stream_keys`` again, from new seeds.

    A stream of an ``Rngs`` gets the seed itself and hands out the keys of ``Rngs(name=seed)``. Further streams of that
    name, the forks that layers keep, must differ: in canonical order they get the draws of ``Rngs(name=seed)``.

    Args:
      policy: what a stream with an array of keys gets: ``"scalars_only"`` refuses it, ``"match_shape"`` splits the new
        key, and a function ``(path, key, shape) -> keys`` decides itself.
      **stream_keys: seeds by stream name; names that no stream has are ignored.

    Raises:
      ValueError: if the policy is unknown, or refuses a stream.
    """
    adapt = _POLICIES.get(policy) if isinstance(policy, str) else policy
    if not callable(adapt):
        raise ValueError(f"unknown policy {policy!r}; use a function or one of {', '.join(map(repr, _POLICIES))}")
    seeds = Rngs(stream_keys)
    streams = [(path, stream) for path, stream in _streams(node) if stream.tag in seeds]
    plain = {id(stream) for _, rngs in iter_graph(node) if isinstance(rngs, Rngs) for _, stream in Rngs.items(rngs)}
    new: list[tuple[RngStream, jax.Array]] = []
    seeded: set[str] = set()
    for path, stream in streams:
        source = seeds[stream.tag]
        if id(stream) in plain and stream.tag not in seeded:
            seeded.add(stream.tag)
            key = source.key.get_value()
        else:
            key = source()
        new.append((stream, adapt(path, key, stream.key.shape)))
    _check_writable(stream for stream, _ in new)
    for stream, key in new:
        _restart(stream, key)


def _scalars_only(path: Path, key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    if shape != ():
        raise ValueError(
            f"the stream at {path!r} holds keys of shape {shape}; say what they become: policy='match_shape' makes "
            "them all different"
        )
    return key


def _match_shape(path: Path, key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    return jax.random.split(key, shape) if shape else key


_POLICIES: dict[str, Callable[[Path, jax.Array, tuple[int, ...]], jax.Array]] = {
    "scalars_only": _scalars_only,
    "match_shape": _match_shape,
}


def _streams(node: Any) -> list[tuple[Path, RngStream]]:
    return [(path, stream) for path, stream in iter_graph(node) if isinstance(stream, RngStream)]


def _replace_streams(node: Any, rules: Sequence[Rule], squeeze: bool = False) -> SplitBackups:
    """Restarts each stream from its next draw, as the first rule that matches it says; all of them or none."""
    new: list[tuple[RngStream, jax.Array]] = []
    for path, stream in _streams(node):
        for predicate, shape in rules:
            if predicate((*path, "key"), stream.key) and predicate((*path, "count"), stream.count):
                keys = _next_keys(stream) if shape is None else _split_each(_next_keys(stream), shape)
                new.append((stream, keys[0] if squeeze else keys))
                break
    _check_writable(stream for stream, _ in new)
    backups = SplitBackups([(stream, stream.key.get_value(), stream.count.get_value() + 1) for stream, _ in new])
    for stream, keys in new:
        _restart(stream, keys)
    return backups


def _restart(stream: RngStream, key: jax.Array) -> None:
    stream.key.set_value(key)
    stream.count.set_value(jnp.zeros(key.shape, jnp.uint32))


def _check_writable(streams: Iterable[RngStream]) -> None:
    for stream in streams:
        for variable in (stream.key, stream.count):
            variable._trace_state.check(variable)


def _next_keys(stream: RngStream) -> jax.Array:
    """What a draw would give, for each key of a stream that holds several; the count stays."""
    fold_in: Callable[..., jax.Array] = jax.random.fold_in
    for _ in stream.key.shape:
        fold_in = jax.vmap(fold_in)
    return fold_in(stream.key.get_value(), stream.count.get_value())


def _split_each(keys: jax.Array, splits: Shape) -> jax.Array:
    """Each key split into shape ``splits``; the result has the shape ``splits + keys.shape``."""
    shape = (splits,) if isinstance(splits, int) else tuple(splits)
    split: Callable[..., jax.Array] = functools.partial(jax.random.split, num=shape)
    for _ in keys.shape:
        split = jax.vmap(split, out_axes=len(shape))
    return split(keys)


def _during_call(replace: Callable[[Any], SplitBackups]) -> Callable[[F], F]:
    def decorator(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with replace((args, kwargs)):
                return function(*args, **kwargs)

        return call  # type: ignore[return-value]  # a function of the same signature

    return decorator
