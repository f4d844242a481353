"""Strategies for seeds, sets of streams, shapes and histories of draws."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Script, Step
from nnxspec.spec.script.literals import KEYS
from nnxspec.spec.script.seeds import BAD_SEEDS, BadSeed, Seed

from .graphs import PLAIN, graphs
from .leaves import small

NAMES = ("params", "dropout", "noise", "default")

int_seeds: SearchStrategy[int] = st.integers(0, 5) | st.sampled_from((-1, -7, 2**31, 2**32 - 1, 2**32, 2**40))

seeds: SearchStrategy[Seed] = st.one_of(
    st.builds(Seed, st.just("int"), int_seeds),
    st.builds(Seed, st.just("key"), st.integers(0, 5), st.sampled_from(KEYS)),
    st.builds(Seed, st.sampled_from(("data", "bool")), st.integers(0, 5)),
)
"""Every kind of seed a stream takes."""

bad_seeds: SearchStrategy[BadSeed] = st.builds(BadSeed, st.integers(0, len(BAD_SEEDS) - 1))

shapes: SearchStrategy[tuple[int, ...]] = st.sampled_from(((2,), (1,), (3,), (2, 2), (1, 3)))


def streams(seed: SearchStrategy[object] = seeds, *, min_size: int = 1) -> SearchStrategy[tuple[object, ...]]:
    """Named streams as pairs (name, seed), in any order."""
    names = st.lists(st.sampled_from(NAMES), unique=True, min_size=min_size, max_size=len(NAMES))
    return names.flatmap(lambda ns: st.tuples(*(st.tuples(st.just(n), seed) for n in ns)))


draws: SearchStrategy[tuple[str, ...]] = st.lists(st.sampled_from(NAMES), max_size=6).map(tuple)
"""A history of draws by stream name."""

plans: SearchStrategy[tuple[tuple[object, ...], ...]] = st.lists(
    st.tuples(st.sampled_from((*NAMES, None)), st.sampled_from((None, 1, 2, 3, (2, 2)))), min_size=1, max_size=3
).map(lambda rules: _catch_all_last(tuple(rules)))
"""Rules (stream name or None for all, shape or None) for split and broadcast; a rule for all comes last."""


def _catch_all_last(rules: tuple[tuple[object, ...], ...]) -> tuple[tuple[object, ...], ...]:
    specific = tuple(rule for rule in rules if rule[0] is not None)
    return specific + tuple(rule for rule in rules if rule[0] is None)[:1]


def with_rngs(*without: str) -> SearchStrategy[Script]:
    """Graphs that hold at least one Rngs, often shared."""
    base = st.tuples(graphs(*PLAIN, *without, max_chunks=2), st.lists(_rngs_steps(), min_size=1, max_size=4))
    return base.map(lambda pair: Script(pair[0].root, pair[0].steps + tuple(pair[1]), pair[0].without))


def _rngs_steps() -> SearchStrategy[Step]:
    made = st.tuples(small, small, st.integers(0, 2), small).map(lambda o: Step("rngs", o))
    shared = st.tuples(small, small, st.sampled_from((1, 3, 5))).map(lambda o: Step("alias", o))
    drawn = st.tuples(small, st.integers(0, 1)).map(lambda o: Step("draw", o))
    return st.one_of(made, shared, drawn)
