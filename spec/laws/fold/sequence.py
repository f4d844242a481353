"""Laws of folding in: which keys a stream hands out, and what a draw changes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...law import SHOULD, Law, law
from ...streams import all_different, folded, seed_key, snapshot
from ...terms import FOLDING_IN


@law("fold.key-sequence", term=FOLDING_IN, uses=("rng.fold-in",))
def key_sequence(nnx: Any, seed: Any, draws: int) -> Claims:
    """The i-th key drawn from a stream with seed key k is jax.random.fold_in(k, i), counting from 0; an int seed n
    means k = jax.random.key(n), and raw uint32 key data is wrapped.

    Source: documentation of `nnx.Rngs` and `nnx.RngStream`.
    """
    stream = nnx.Rngs(noise=seed).noise
    key = seed_key(seed)
    for i in range(draws):
        yield Eq(stream(), folded(key, i), f"draw {i}")


@law("fold.draw-advances-count", term=FOLDING_IN, uses=("rng.fold-in",))
def draw_advances_count(nnx: Any, seed: Any, draws: int) -> Claims:
    """A draw changes only the stream's count, by exactly one, and never its key; key and count stay the same
    objects.
    """
    stream = nnx.Rngs(noise=seed).noise
    key, count, start = stream.key, stream.count, stream.key.get_value()
    yield Eq(count.get_value(), jnp.zeros((), "uint32"), "a new stream")
    for i in range(draws):
        stream()
        yield Eq(stream.count.get_value(), jnp.array(i + 1, "uint32"), f"count after draw {i}")
        yield Eq(stream.key.get_value(), start, f"key after draw {i}")
    yield Eq((stream.key is key, stream.count is count), (True, True), "same Variables")


@law("fold.streams-independent", term=FOLDING_IN, uses=("rng.fold-in",))
def streams_independent(nnx: Any, seeds: tuple[int, ...], order: tuple[int, ...]) -> Claims:
    """Keys of one stream are pairwise different, and draws on one stream do not affect another; names that fall back to
    `default` share one count.

    The oracle is the interleaving in which each stream is drawn from alone.
    """
    names = ("default", "params", "dropout")
    streams = dict(zip(names, seeds, strict=True))
    rngs = nnx.Rngs(**streams)
    wanted = [("params", "dropout", "default", "anything")[i % 4] for i in order]
    drawn: dict[str, list[Any]] = {name: [] for name in names}
    for name in wanted:
        drawn[name if name in streams else "default"].append(rngs[name]())
    for name in names:
        alone = nnx.Rngs(**streams)
        yield Eq(drawn[name], [alone[name]() for _ in drawn[name]], f"stream {name}")
        yield Eq(all_different(drawn[name]), True, f"keys of {name} are pairwise different")


@law("fold.counter-wraps", term=FOLDING_IN, level=SHOULD, uses=("rng.fold-in", "mutation"))
def counter_wraps(nnx: Any, seed: Any, before: int, draws: int) -> Claims:
    """The count is a uint32 that wraps modulo 2**32."""
    stream = nnx.Rngs(noise=seed).noise
    start = 2**32 - before
    stream.count.set_value(jnp.array(start % 2**32, "uint32"))
    for i in range(draws):
        yield Eq(stream(), folded(seed_key(seed), start + i), f"key at count {start + i}")
        yield Eq(stream.count.get_value(), jnp.array((start + i + 1) % 2**32, "uint32"), f"count after {start + i}")


@law("fold.key-shape", term=FOLDING_IN, uses=("rng.fold-in", "rng.split"))
def key_shape(nnx: Any, seed: int, shape: tuple[int, ...], draws: int) -> Claims:
    """Drawing from a stream whose key is not scalar is refused with ValueError, and under jax.vmap over all axes of the
    key it is elementwise folding.
    """
    stream = nnx.Rngs(noise=seed).split(shape).noise
    keys = stream.key.get_value()
    if keys.shape == ():
        yield Eq(stream(), folded(keys, 0), "a scalar key draws")
        return
    yield Refused(ValueError, stream, unchanged=(stream,))
    graphdef, state = nnx.split(stream)

    def draw(state: Any) -> Any:
        inner = nnx.merge(graphdef, state)
        return [inner() for _ in range(draws)]

    def fold(key: Any) -> Any:
        return [jax.random.fold_in(key, i) for i in range(draws)]

    for _ in shape:
        draw, fold = jax.vmap(draw), jax.vmap(fold)
    yield Eq(draw(state), fold(keys), "elementwise under vmap")


@law("fold.key-impl-preserved", term=FOLDING_IN, level=SHOULD, uses=("rng.fold-in", "rng.fork", "rng.split"))
def key_impl_preserved(nnx: Any, seed: Any) -> Claims:
    """The keys drawn have the key implementation of the stream, also after fork and split."""
    rngs = nnx.Rngs(noise=seed)
    impl = seed_key(seed).dtype
    yield Eq(str(rngs.noise().dtype), str(impl), "drawn")
    yield Eq(str(rngs.fork().noise().dtype), str(impl), "drawn from a fork")
    yield Eq(str(rngs.split(2).noise.key.get_value().dtype), str(impl), "split")


@law("fold.copies-continue", term=FOLDING_IN, uses=("merge.copies", "pickling", "rng.fold-in", "clone"))
def copies_continue(nnx: Any, seed: Any, before: int, after: int) -> Claims:
    """A stream copied by split and merge with copy, by clone, pickle or deep copy continues with the same next key, and
    draws on the copy do not advance the original.
    """
    rngs = nnx.Rngs(noise=seed)
    for _ in range(before):
        rngs.noise()
    held = snapshot(rngs)
    copies = {
        "merge with copy": nnx.merge(*nnx.split(rngs), copy=True),
        "clone": nnx.clone(rngs),
        "pickle": pickle.loads(pickle.dumps(rngs)),
        "deepcopy": copy.deepcopy(rngs),
    }
    for how, other in copies.items():
        wanted = [folded(seed_key(seed), before + i) for i in range(after)]
        yield Eq([other.noise() for _ in range(after)], wanted, f"next keys after {how}")
        yield Eq(snapshot(rngs), held, f"the original after draws on the copy by {how}")


LAWS: tuple[Law, ...] = (
    key_sequence,
    draw_advances_count,
    streams_independent,
    counter_wraps,
    key_shape,
    key_impl_preserved,
    copies_continue,
)
