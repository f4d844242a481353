"""Inputs for the laws of PRNG states."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.rng import lifts, reseed, splitting, streams, tree_mode, use
from nnxspec.spec.script.filters import FilterTree

from .strategies import rngs as r

seed = r.int_seeds
some = r.streams()
plain = r.streams(st.integers(0, 5))
operations = st.sampled_from(("split", "broadcast"))
splits = st.sampled_from((1, 2, 3, (2,), (2, 2)))
tags = st.sampled_from(("params", "dropout", "default"))
history = st.lists(
    st.sampled_from(("draw", "draw", "fork", "split-other", "broadcast-other", "split-none", "rewrap")), max_size=8
)
hows = st.sampled_from(("restore", "with", "decorator by name", "with exception", "decorator", "decorator exception"))
forms = ("node", "decorator", "decorator by name")
functional = ("split_rngs", "fork_rngs", "with_rngs")

test_rng_construction = bind(streams.construction, streams=some, default=r.seeds)
test_rng_default_fallback = bind(streams.default_fallback, streams=some, unknown=st.sampled_from(("x", "carry", "_y")))
test_rng_bad_seeds_rejected = bind(
    streams.bad_seeds_rejected, number=seed | st.integers(-(2**70), 2**70), bad=r.bad_seeds
)
test_rng_name_clashes = bind(streams.name_clashes, name=st.sampled_from(streams.METHODS), seed=st.integers(0, 5))
test_rng_shorthand = bind(
    streams.shorthand,
    scale=0.2,
    tried_first=lambda _: [
        {"which": which, "seed": which % 3, "named": which % 2 == 1} for which in range(len(streams.DISTRIBUTIONS))
    ],
    which=st.integers(0, len(streams.DISTRIBUTIONS) - 1),
    seed=st.integers(0, 3),
    named=st.booleans(),
)
test_rng_state_view = bind(streams.state_view, streams=some, shape=r.shapes | st.just(()))
test_rng_empty_mapping = bind(
    streams.empty_mapping, streams=some, operation=st.sampled_from(("split", "broadcast", "fork"))
)
test_rng_fork = bind(splitting.fork, streams=r.streams(r.collision_free), draws=r.draws, after=st.integers(1, 3))
test_rng_split = bind(splitting.split, streams=some, draws=r.draws, plan=r.plans)
test_rng_broadcast = bind(splitting.broadcast, streams=some, draws=r.draws, plan=r.plans)
test_rng_untouched_streams = bind(
    splitting.untouched_streams, streams=some, draws=r.draws, plan=r.plans, operation=operations
)
test_rng_no_key_reuse = bind(splitting.no_key_reuse, seed=r.collision_free, history=history.map(tuple))
test_rng_split_restore = bind(
    lifts.split_restore, scale=0.5, make=r.with_rngs(), splits=splits, draws=st.integers(0, 2), how=hows
)
test_rng_split_options = bind(
    lifts.split_options, scale=0.5, make=r.with_rngs(), only=r.stream_filters.map(FilterTree), splits=splits
)
test_rng_split_decorated = bind(
    lifts.split_decorated,
    scale=0.3,
    make=r.with_rngs(),
    only=(r.stream_filters | r.whole).map(FilterTree),
    splits=splits,
)
test_rng_fork_first_match = bind(
    lifts.fork_first_match,
    make=r.with_rngs(),
    plan=r.fork_plans,
    how=st.sampled_from(("restore", "with", "decorator", "decorator by name")),
)
test_rng_reseed = bind(
    reseed.reseed, streams=some, draws=r.draws, name=st.sampled_from(("params", "dropout", "other")), seed=r.seeds
)
test_rng_reseed_forked = bind(
    reseed.reseed_forked, scale=0.5, make=r.with_rngs(), name=tags, seed=st.integers(0, 5), draws=st.integers(0, 2)
)
test_rng_layers_fork = bind(reseed.layers_fork, seed=r.seeds, before=st.integers(0, 2), layers=st.integers(1, 3))
test_rng_deterministic = bind(use.deterministic, scale=0.1, streams=plain, draws=r.draws.map(lambda d: d[:3]))
test_rng_captured_stream_rejected = bind(
    use.captured_stream_rejected,
    scale=0.5,
    streams=plain,
    transform=st.sampled_from(("jit", "grad", "vmap", "eval_shape")),
    how=st.sampled_from(("draw", "fork", "shorthand")),
)
test_rng_vmap_lanes = bind(
    use.vmap_lanes, scale=0.15, seed=st.integers(0, 3), lanes=st.integers(1, 3), draws=st.integers(1, 2)
)
test_rng_functional_forms_pure = bind(
    tree_mode.functional_forms_pure, streams=some, draws=r.draws, operation=st.sampled_from(("split", "fork"))
)
test_rng_functional_filters = bind(
    tree_mode.functional_filters,
    scale=0.3,
    tried_first=lambda _: [
        {
            "streams": (("params", 0), ("noise", 1)),
            "draws": ("noise",),
            "only": FilterTree(only),
            "splits": 2,
            "operation": operation,
            "how": how,
            "mode": ("tree", "graph")[(number + at) % 2],
        }
        for number, only in enumerate((*r.OWNERS, *r.HALVES))
        for at, operation in enumerate(("split", "squeeze", "fork"))
        for how in ("node", forms[1 + number % 2])
    ],
    streams=some,
    draws=r.draws,
    only=(r.stream_filters | st.sampled_from(r.OWNERS) | r.whole).map(FilterTree),
    splits=splits,
    operation=st.sampled_from(("split", "squeeze", "fork")),
    how=st.sampled_from(forms),
    mode=st.sampled_from(("tree", "graph")),
)
test_rng_functional_graph = bind(
    tree_mode.functional_graph,
    scale=0.3,
    tried_first=lambda _: [
        {"streams": (("params", 0),), "operation": operation, "how": how} for operation in functional for how in forms
    ],
    streams=some,
    operation=st.sampled_from(functional),
    how=st.sampled_from(forms),
)
test_rng_with_rngs_rules = bind(tree_mode.with_rngs_rules, streams=some, shape=st.integers(1, 3) | r.shapes)
