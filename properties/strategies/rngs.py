"""Strategies for seeds, sets of streams, shapes and histories of draws."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Script, Step
from nnxspec.spec.script.filters import FilterExpr, FilterTree
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

collision_free: SearchStrategy[Seed] = seeds.filter(lambda seed: seed.impl != "unsafe_rbg")
"""Seeds whose keys stay apart when counts are folded in twice; jax documents that those of unsafe_rbg may not."""

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


def _literal_catch_all_last(rules: list[tuple[FilterExpr, object]]) -> list[tuple[FilterExpr, object]]:
    def is_catch_all(rule: tuple[FilterExpr, object]) -> bool:
        return rule[0].code() in ("...", "True")

    return [rule for rule in rules if not is_catch_all(rule)] + [rule for rule in rules if is_catch_all(rule)][:1]


def _catch_all_last(rules: tuple[tuple[object, ...], ...]) -> tuple[tuple[object, ...], ...]:
    specific = tuple(rule for rule in rules if rule[0] is not None)
    return specific + tuple(rule for rule in rules if rule[0] is None)[:1]


_TYPES = ("nnx.RngKey", "nnx.RngCount", "nnx.RngState", "nnx.Variable", "nnx.Param")
_one_filter = st.one_of(
    st.sampled_from(NAMES).map(lambda tag: FilterExpr("tag", (tag,))),
    st.sampled_from(NAMES).map(lambda tag: FilterExpr("with-tag", (tag,))),
    st.sampled_from(_TYPES).map(lambda t: FilterExpr("of-type", (t,))),
    st.sampled_from(("key", "count", "params")).map(lambda key: FilterExpr("path-contains", (key, True))),
    st.integers(0, 2).map(lambda i: FilterExpr("all", (i,))),
)

HALVES = tuple(FilterExpr("of-type", (name,)) for name in ("nnx.RngKey", "nnx.RngCount"))
"""Filters that match one half of each stream."""

_halves = st.sampled_from((*HALVES, *(FilterExpr("path-contains", (name, True)) for name in ("key", "count"))))

stream_filters: SearchStrategy[FilterExpr] = st.one_of(
    _halves,
    _halves.map(lambda f: FilterExpr("not", (f,))),
    _one_filter,
    st.tuples(_one_filter, _one_filter).map(lambda pair: FilterExpr("any-of", pair)),
    st.tuples(_one_filter, _one_filter).map(lambda pair: FilterExpr("all-of", pair)),
    _one_filter.map(lambda f: FilterExpr("not", (f,))),
)
"""Filters for streams: such as match only the key of a stream or only its count, and by name."""

OWNERS = tuple(FilterExpr("path-contains", (key, True)) for key in ("first", "second"))
"""Filters for the streams below one of two attributes."""

_fork_shapes = st.sampled_from((None, None, 2, 1, (2,), (2, 3)))

_any_plan: SearchStrategy[list[tuple[FilterExpr, object]]] = st.lists(
    st.tuples(st.one_of(_one_filter, stream_filters), _fork_shapes),
    min_size=1,
    max_size=3,
    unique_by=lambda rule: rule[0].code(),
)

_whole = (
    FilterExpr("type", ("nnx.RngState",)),
    FilterExpr("of-type", ("nnx.RngState",)),
    FilterExpr("any-of", (FilterExpr("of-type", ("nnx.RngKey",)), FilterExpr("of-type", ("nnx.RngCount",)))),
    FilterExpr("not", (FilterExpr("of-type", ("nnx.Param",)),)),
    FilterExpr("tuple", tuple(FilterExpr("tag", (name,)) for name in NAMES)),
    FilterExpr("all", (0,)),
)
"""Filters that match every stream, each told from the others by its text."""

whole: SearchStrategy[FilterExpr] = st.sampled_from(_whole)


def _overlapping() -> SearchStrategy[list[tuple[FilterExpr, object]]]:
    named = st.sampled_from(NAMES).map(lambda tag: FilterExpr("tag", (tag,)))
    first = st.sampled_from(_whole) | named | stream_filters
    rules = st.tuples(first, st.sampled_from(_whole)).filter(lambda pair: pair[0].code() != pair[1].code())
    shapes = st.sampled_from(((None, 2), (2, None), (1, 2), (2, 1), (None, 1), ((2, 3), 2), (2, (2, 3))))
    return st.tuples(rules, shapes).map(lambda drawn: list(zip(*drawn, strict=True)))


fork_plans: SearchStrategy[tuple[tuple[FilterTree, object], ...]] = (
    st.one_of(_any_plan, _overlapping())
    .map(_literal_catch_all_last)
    .map(lambda rules: tuple((FilterTree(f), shape) for f, shape in rules))
)
"""Rules (filter, shape or None) for fork_rngs, often two that match the same stream; a literal catch-all comes last."""


def with_rngs(*without: str) -> SearchStrategy[Script]:
    """Graphs that hold at least one Rngs, often shared."""
    base = st.tuples(graphs(*PLAIN, *without, max_chunks=2), _made, st.lists(_rngs_steps(), max_size=3))
    return base.map(lambda drawn: Script(drawn[0].root, (*drawn[0].steps, drawn[1], *drawn[2]), drawn[0].without))


_made = st.tuples(small, small, st.integers(0, 2), small).map(lambda o: Step("rngs", o))


def _rngs_steps() -> SearchStrategy[Step]:
    shared = st.tuples(small, small, st.sampled_from((1, 3, 5))).map(lambda o: Step("alias", o))
    drawn = st.tuples(small, st.integers(0, 1)).map(lambda o: Step("draw", o))
    return st.one_of(_made, shared, drawn)
