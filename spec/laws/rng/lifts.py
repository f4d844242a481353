"""Laws of `split_rngs`, `fork_rngs` and `restore_rngs`: streams of a whole graph replaced for a while, and put back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...filtering import live_filter, matches
from ...law import Law, law
from ...observation import nodes
from ...streams import folded
from ...terms import PRNG_STATES


def all_streams(nnx: Any, node: Any) -> dict[Any, Any]:
    """Every stream of a graph by canonical path."""
    return {path: found for path, found in nodes(nnx, node).items() if isinstance(found, nnx.RngStream)}


def pair(stream: Any) -> tuple[Any, Any]:
    """Key and count of a stream."""
    return stream.key.get_value(), stream.count.get_value()


def as_shape(splits: int | tuple[int, ...]) -> tuple[int, ...]:
    """The shape that a number or tuple of splits stands for."""
    return splits if isinstance(splits, tuple) else (splits,)


def is_chosen(nnx: Any, tree: Any, path: Any, stream: Any) -> bool:
    """Whether a filter, as a neutral tree, matches both the key and the count of a stream."""
    return matches(nnx, tree, (*path, "key"), stream.key) and matches(nnx, tree, (*path, "count"), stream.count)


def again(keys: Any, splits: int) -> tuple[Any, Any]:
    """Key and count of a stream of several fresh keys after each was split, with the new axis in front."""
    flat = [jax.random.split(folded(key, 0), splits) for key in keys.reshape(-1)]
    found = jnp.stack(flat, axis=1).reshape((splits, *keys.shape))
    return found, jnp.zeros(found.shape, "uint32")


def raised(outcome: Any, value: Any) -> Any:
    """The value, if an action succeeded; raises what it raised otherwise."""
    if outcome.error is not None:
        raise outcome.error
    return value


def scalar_only(nnx: Any, node: Any) -> bool:
    """Whether every stream of a graph has a scalar key."""
    return all(pair(s)[0].shape == () for s in all_streams(nnx, node).values())


@law("rng.split-restore", term=PRNG_STATES, uses=("rng.restore", "split_rngs", "restore_rngs"))
def split_restore(nnx: Any, make: Any, splits: Any, draws: int, how: str) -> Claims:
    """Within split_rngs the matched keys have the shape of the splits in front and zero counts; after restore, at
    the end of the with block or of the decorated function, also through an exception, the key is the original and
    the count the original plus one.

    The decorated function may get the graph by position or by name.
    """
    m = make()
    for stream in list(all_streams(nnx, m).values())[:1]:
        for _ in range(draws):
            stream()
    before = {path: pair(stream) for path, stream in all_streams(nnx, m).items()}
    inside: dict[Any, Any] = {}

    def look(node: Any, fail: bool) -> None:
        inside.update({path: pair(stream) for path, stream in all_streams(nnx, node).items()})
        if fail:
            raise RuntimeError("on purpose")

    if how == "restore":
        backups = nnx.split_rngs(m, splits=splits)
        look(m, False)
        nnx.restore_rngs(backups)
    elif how in ("with", "with exception"):

        def enter() -> None:
            with nnx.split_rngs(m, splits=splits):
                look(m, how == "with exception")

        attempt(enter)
    elif how == "decorator by name":
        nnx.split_rngs(splits=splits)(look)(node=m, fail=False)
    else:
        attempt(lambda: nnx.split_rngs(splits=splits)(look)(m, how == "decorator exception"))
    shape = as_shape(splits)
    split = {path: jax.random.split(folded(key, int(count)), shape) for path, (key, count) in before.items()}
    wanted = {path: (keys, jnp.zeros(shape, "uint32")) for path, keys in split.items()}
    yield Eq(inside, wanted, "inside")
    after = {path: (key, count + jnp.uint32(1)) for path, (key, count) in before.items()}
    yield Eq({path: pair(stream) for path, stream in all_streams(nnx, m).items()}, after, "afterwards")


@law("rng.split-options", term=PRNG_STATES, uses=("rng.restore", "split_rngs", "restore_rngs"))
def split_options(nnx: Any, make: Any, only: Any, splits: Any) -> Claims:
    """`only` has to match both the key and the count of a stream, a shared stream is split once, and `squeeze` with a
    number of splits other than one is refused with ValueError.

    Streams that are split may be split once more, key by key and with the new shape in front, or refused.
    """
    m = make()
    before = {path: pair(stream) for path, stream in all_streams(nnx, m).items()}
    chosen = [path for path, stream in all_streams(nnx, m).items() if is_chosen(nnx, only, path, stream)]
    live, shape = live_filter(nnx, only), as_shape(splits)
    backups = nnx.split_rngs(m, splits=splits, only=live)
    for path, stream in all_streams(nnx, m).items():
        key, count = before[path]
        if path in chosen:
            wanted = (jax.random.split(folded(key, int(count)), shape), jnp.zeros(shape, "uint32"))
            yield Eq(pair(stream), wanted, f"selected stream at {path}")
        else:
            yield Eq(pair(stream), (key, count), f"other stream at {path}")
    if chosen:
        split = {path: pair(stream) for path, stream in all_streams(nnx, m).items()}
        outcome = attempt(lambda: nnx.split_rngs(m, splits=2, only=live))
        came = {path: pair(stream) for path, stream in all_streams(nnx, m).items()}
        twice = split | {path: again(split[path][0], 2) for path in chosen}
        wanted_now = twice if outcome.error is None else split
        refused = attempt(lambda: raised(outcome, came))
        yield EqOrRefused(refused, wanted_now, (ValueError, TypeError), about="split once more, or refused")
        yield Eq(came, wanted_now, "the streams after that")
        if outcome.error is None:
            nnx.restore_rngs(outcome.value)
    nnx.restore_rngs(backups)
    counts = {path: all_streams(nnx, m)[path].count.get_value() for path in chosen}
    yield Eq(counts, {path: before[path][1] + jnp.uint32(1) for path in chosen}, "one key drawn for each stream")
    if splits != 1:
        yield Refused(ValueError, lambda: nnx.split_rngs(m, splits=splits, squeeze=True), (m,), "squeeze")
    squeezed = {path: pair(stream) for path, stream in all_streams(nnx, m).items()}
    nnx.split_rngs(m, splits=1, squeeze=True)
    for path, stream in all_streams(nnx, m).items():
        key, count = squeezed[path]
        single = jax.random.split(folded(key, int(count)), 1)[0]
        yield Eq(pair(stream), (single, jnp.zeros((), "uint32")), f"squeezed stream at {path}")


@law("rng.split-decorated", term=PRNG_STATES, uses=("rng.restore", "split_rngs"))
def split_decorated(nnx: Any, make: Any, only: Any, splits: Any) -> Claims:
    """As a decorator split_rngs takes `only` and `squeeze` as with a node: inside, the streams that `only` matches have
    their next key split, or the one key of it, and the others are as they were; afterwards all have their own keys.

    With `squeeze`, a number of splits other than one is refused with ValueError.
    """
    m = make()
    live = live_filter(nnx, only)
    chosen = {path: is_chosen(nnx, only, path, stream) for path, stream in all_streams(nnx, m).items()}

    def look(node: Any) -> Any:
        return {path: pair(stream) for path, stream in all_streams(nnx, node).items()}

    for squeeze in (False, True):
        before = look(m)
        number = 1 if squeeze else splits
        inside = nnx.split_rngs(splits=number, only=live, squeeze=squeeze)(look)(m)
        wanted = dict(before)
        for path in [path for path, hit in chosen.items() if hit]:
            key, count = before[path]
            keys = jax.random.split(folded(key, int(count)), as_shape(number))
            keys = keys[0] if squeeze else keys
            wanted[path] = keys, jnp.zeros(keys.shape, "uint32")
        yield Eq(inside, wanted, f"inside, squeeze={squeeze}")
        after = {path: (key, count + jnp.uint32(chosen[path])) for path, (key, count) in before.items()}
        yield Eq(look(m), after, f"afterwards, squeeze={squeeze}")
    if splits != 1:
        refused = lambda: nnx.split_rngs(splits=splits, only=live, squeeze=True)(look)(m)  # noqa: E731  # of one line
        yield Refused(ValueError, refused, (m,), "squeeze")


@law("rng.fork-first-match", term=PRNG_STATES, uses=("rng.restore", "fork_rngs", "restore_rngs", "rng.fork"))
def fork_first_match(nnx: Any, make: Any, plan: tuple[Any, ...], how: str) -> Claims:
    """fork_rngs handles each stream once, by the first filter that matches both its key and its count, splits it into
    the shape that stands there, and restore gives back the original keys and shapes, with counts advanced by the one
    draw.

    As a decorator it does so for the time of a call, which may give the graph by position or by name.
    """
    m = make()
    streams = all_streams(nnx, m)
    before = {path: pair(stream) for path, stream in streams.items()}
    mapping: dict[Any, Any] = {}
    for tree, shape in plan:
        mapping.setdefault(live_filter(nnx, tree), shape)  # filters that are equal have one place in a mapping
    rules = {path: [s for tree, s in plan if is_chosen(nnx, tree, path, stream)] for path, stream in streams.items()}
    hit = {path: bool(found) for path, found in rules.items()}
    inside: dict[Any, Any] = {}

    def look(node: Any) -> None:
        inside.update({path: pair(stream) for path, stream in all_streams(nnx, node).items()})

    if how == "with":
        with nnx.fork_rngs(m, split=mapping):
            look(m)
    elif how == "restore":
        backups = nnx.fork_rngs(m, split=mapping)
        look(m)
        nnx.restore_rngs(backups)
    elif how == "decorator by name":
        nnx.fork_rngs(split=mapping)(look)(node=m)
    else:
        nnx.fork_rngs(split=mapping)(look)(m)
    for path, (key, count) in before.items():
        keys = folded(key, int(count))
        if hit[path] and rules[path][0] is not None:
            keys = jax.random.split(keys, as_shape(rules[path][0]))
        forked = (keys, jnp.zeros(keys.shape, "uint32"))
        yield Eq(inside[path], forked if hit[path] else (key, count), f"inside, stream at {path}")
        yield Eq(pair(streams[path]), (key, count + jnp.uint32(hit[path])), f"afterwards, stream at {path}")
    yield Eq(sorted(map(str, inside)), sorted(map(str, before)), "the same streams")


LAWS: tuple[Law, ...] = (split_restore, split_options, split_decorated, fork_first_match)
