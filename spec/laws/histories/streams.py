"""Histories of an Rngs, against a dict from names to key and count."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...law import Law, law
from ...streams import folded, seed_key
from ...terms import PRNG_STATES
from .trips import TRIPS, as_made_at_once, trip

USES = ("rng.streams", "rng.fold-in", "rng.split", "rng.fork", "graphdef", "state", "split", "merge", "clone")


def rngs_of(nnx: Any, model: dict[str, tuple[Any, int]]) -> Any:
    """An Rngs made at once, with its counts set."""
    rngs = nnx.Rngs(**{name: key for name, (key, _) in model.items()})
    for name, (_, count) in model.items():
        rngs[name].count.set_value(jnp.array(count, "uint32"))
    return rngs


def drawn(model: dict[str, tuple[Any, int]]) -> dict[str, tuple[Any, int]]:
    """The model after one draw from every stream."""
    return {name: (key, count + 1) for name, (key, count) in model.items()}


@law("rng.history", term=PRNG_STATES, needs=("fold.key-sequence", "rng.fork"), uses=("rng.restore", *USES, "mutation"))
def rng_history(nnx: Any, streams: tuple[Any, ...], history: Any) -> Claims:
    """After any history of drawing, forking, splitting and lending, with the Rngs split and merged, copied or pickled
    in between, it is what an Rngs with the same keys and counts is, and it hands out the same keys.

    The model is a dict from names to key and count: a draw folds the count into the key, a fork starts from a draw of
    each stream, and so does a split, which leaves the parent one count further.
    """
    rngs = nnx.Rngs(**dict(streams))
    model = {name: (seed_key(seed), 0) for name, seed in streams}
    for step, (verb, which, number) in enumerate(history):
        name = list(model)[which % len(model)]
        key, count = model[name]
        if verb in TRIPS:
            rngs = trip(nnx, verb, rngs)
            yield Eq(rngs, rngs_of(nnx, model), f"step {step}, {verb}")
        elif verb == "draw":
            yield Eq(rngs[name](), folded(key, count), f"step {step}, drawn from {name}")
            model[name] = (key, count + 1)
        elif verb == "fork":
            forked, child = rngs.fork(), {n: (folded(k, c), 0) for n, (k, c) in model.items()}
            model = drawn(model)
            yield Eq(rngs, rngs_of(nnx, model), f"step {step}, the parent of a fork")
            if number % 2:
                rngs, model = forked, child
        elif verb == "split":
            parts, keys = rngs.split(number), {n: jax.random.split(folded(k, c), number) for n, (k, c) in model.items()}
            yield Eq({n: parts[n].key.get_value() for n in keys}, keys, f"step {step}, split in {number}")
            model = drawn(model)
        elif verb == "lend":
            with nnx.split_rngs(rngs, splits=number):
                lent = rngs[name].key.get_value()
            yield Eq(lent, jax.random.split(folded(key, count), number), f"step {step}, lent in {number}")
            model = drawn(model)
        elif verb == "jump":
            rngs[name].count.set_value(jnp.array(number, "uint32"))
            model[name] = (key, number)
    yield from as_made_at_once(nnx, rngs, rngs_of(nnx, model), "in the end")
    yield Eq({n: rngs[n]() for n in model}, {n: folded(k, c) for n, (k, c) in model.items()}, "the next keys")


LAWS: tuple[Law, ...] = (rng_history,)
