"""Drawing a key from a stream."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..subjects import Leaves, Subject, token
from ..timing import Timed, all_computed
from .kinds import Operation, expect


def _is_first_key(drawn: Any) -> None:
    expect(token(drawn) == token(jax.random.fold_in(jax.random.key(0), 0)), "the first key is not fold_in(key, 0)")


def _draw(subject: Subject) -> Timed:
    rngs = subject.nnx.Rngs(params=0)
    return Timed(lambda: rngs.params(), _is_first_key, wait=all_computed)


def _fold(leaves: Leaves) -> Timed:
    fold_in = jax.random.fold_in
    stream = [jax.random.key(0), jnp.zeros((), "uint32")]

    def run() -> Any:
        drawn = fold_in(stream[0], stream[1])
        stream[1] = stream[1] + 1
        return drawn

    return Timed(run, _is_first_key, wait=all_computed)


STREAMS: tuple[Operation, ...] = (
    Operation(
        "draw",
        "streams",
        "rngs.params(): a key drawn from a stream, outside of jit",
        "jax.random.fold_in(key, count), and one added to the count",
        _draw,
        _fold,
        ("rng.fold-in",),
        shapes=("blocks",),
        sizes=(2,),
    ),
)
"""The operations on streams. The size is that of one stream: a key and a count."""
