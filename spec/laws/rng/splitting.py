"""Laws of `Rngs.fork`, `Rngs.split` and `Rngs.broadcast`: which keys the results hold, and that none is used twice."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...law import Law, law
from ...streams import all_different, fingerprint, folded, seed_key, snapshot
from ...terms import PRNG_STATES


def advance(rngs: Any, draws: tuple[str, ...]) -> None:
    """Draws from the named streams, those of them that exist."""
    for name in draws:
        if name in rngs:
            rngs[name]()


def shape_for(name: str, plan: tuple[Any, ...]) -> tuple[bool, Any]:
    """Whether a plan of (stream name or None for all, shape or None) has an entry for a stream, and its first shape."""
    for which, shape in plan:
        if which is None or which == name:
            return True, shape
    return False, None


def as_mapping(plan: tuple[Any, ...]) -> dict[Any, Any]:
    """A plan as a mapping of filters to shapes; None stands for everything."""
    found: dict[Any, Any] = {}
    for which, shape in plan:
        found.setdefault(... if which is None else which, shape)
    return found


@law("rng.fork", term=PRNG_STATES, uses=("rng.fork", "metadata"))
def fork(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], after: int) -> Claims:
    """Forking draws one key per stream: the fork has that key and count 0, the parent's count advances by one, and the
    keys handed out by fork and parent never coincide. A stream by itself forks, splits and broadcasts into one with
    its tag.

    Which of the three a stream has by itself is free.
    """
    rngs = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    before = snapshot(rngs)
    child = rngs.fork()
    zero = jnp.zeros((), "uint32")
    wanted = {n: (folded(key, int(count)), zero) for n, (key, count) in before.items()}
    yield Eq(snapshot(child), wanted, "the fork")
    yield Eq(snapshot(rngs), {n: (key, count + zero + 1) for n, (key, count) in before.items()}, "the parent")
    for name in before:
        keys = [r[name]() for _ in range(after) for r in (rngs, child)]
        yield Eq(all_different([*keys, wanted[name][0]]), True, f"keys of {name} never coincide")
        stream = rngs[name]
        for operation, shape in (("fork", ()), ("split", (2,)), ("broadcast", (2,))):
            if hasattr(stream, operation):
                twin = getattr(stream, operation)(*shape)
                tags = (twin.key.get_metadata()["tag"], twin.count.get_metadata()["tag"])
                yield Eq(tags, (name, name), f"tag, {operation}")


@law("rng.split", term=PRNG_STATES, uses=("rng.split",))
def split(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], plan: tuple[Any, ...]) -> Claims:
    """Streams matched by split (by the first entry that matches) become jax.random.split(next key, shape) with zero
    counts of that shape, and the parent's count advances by one.
    """
    rngs = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    before = snapshot(rngs)
    child = rngs.split(as_mapping(plan))
    for name, (key, count) in before.items():
        matched, shape = shape_for(name, plan)
        if matched and shape is not None:
            wanted = jax.random.split(folded(key, int(count)), shape)
            got = (child[name].key.get_value(), child[name].count.get_value())
            yield Eq(got, (wanted, jnp.zeros(wanted.shape, "uint32")), f"stream {name}")
            yield Eq(rngs[name].count.get_value(), count + jnp.uint32(1), f"count of the parent's {name}")
    yield Eq({n: rngs[n].key.get_value() for n in before}, {n: key for n, (key, _) in before.items()}, "parent's keys")


@law("rng.broadcast", term=PRNG_STATES, uses=("Rngs.broadcast",))
def broadcast(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], plan: tuple[Any, ...]) -> Claims:
    """Streams matched by broadcast get one newly drawn key, replicated to the shape, with zero counts."""
    rngs = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    before = snapshot(rngs)
    child = rngs.broadcast(as_mapping(plan))
    for name, (key, count) in before.items():
        matched, shape = shape_for(name, plan)
        if matched and shape is not None:
            full = (shape,) if isinstance(shape, int) else shape
            wanted = jnp.broadcast_to(folded(key, int(count)), full)
            got = (child[name].key.get_value(), child[name].count.get_value())
            yield Eq(got, (wanted, jnp.zeros(full, "uint32")), f"stream {name}")
            yield Eq(rngs[name].count.get_value(), count + jnp.uint32(1), f"count of the parent's {name}")
    yield Eq(sorted(child), sorted(before), "the same streams")


@law("rng.untouched-streams", term=PRNG_STATES, uses=("rng.split", "Rngs.broadcast"))
def untouched_streams(
    nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], plan: tuple[Any, ...], operation: str
) -> Claims:
    """Streams that a partial split or broadcast does not match, or maps to None, keep key and count."""
    rngs = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    before = snapshot(rngs)
    child = rngs.split(as_mapping(plan)) if operation == "split" else rngs.broadcast(as_mapping(plan))
    yield Eq(sorted(child), sorted(before), "the same streams")
    for name, (key, count) in before.items():
        matched, shape = shape_for(name, plan)
        if not matched or shape is None:
            yield Eq((child[name].key.get_value(), child[name].count.get_value()), (key, count), f"stream {name}")


@law("rng.no-key-reuse", term=PRNG_STATES, uses=("rng.split", "rng.fork", "Rngs.broadcast"))
def no_key_reuse(nnx: Any, seed: Any, history: tuple[Any, ...]) -> Claims:
    """A key handed out before a split, broadcast, fork or re-use of a stream in another Rngs is never handed out
    again by the result.

    The history works on one lineage: each operation goes on with its result. A stream that an operation leaves alone
    has to continue where it was.
    """
    rngs = nnx.Rngs(noise=seed, other=seed_key(seed))
    handed: dict[Any, str] = {}
    for position, step in enumerate(history):
        match step:
            case "draw":
                if rngs.noise.key.get_value().shape == ():
                    mark = fingerprint(rngs.noise())
                    yield Eq(handed.get(mark, "no"), "no", f"step {position}: was the key handed out before?")
                    handed[mark] = f"at step {position}"
            case "fork":
                rngs = rngs.fork() if rngs.other.key.get_value().shape == () else rngs
            case "split-other":
                rngs = rngs.split({"other": 2}) if rngs.other.key.get_value().shape == () else rngs
            case "broadcast-other":
                rngs = rngs.broadcast({"other": 2}) if rngs.other.key.get_value().shape == () else rngs
            case "split-none":
                rngs = rngs.split({"noise": None, "nowhere": 2})
            case _:
                rngs = nnx.Rngs(noise=rngs.noise, other=rngs.other)
    yield Eq("noise" in rngs, True, "the stream is still there")


LAWS: tuple[Law, ...] = (fork, split, broadcast, untouched_streams, no_key_reuse)
