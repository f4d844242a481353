"""Inputs for the laws of random streams under lifted transforms."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import rng_lifted

from ..strategies import rngs as r
from ..strategies.spread import bind_spread

seeds = st.integers(0, 3)
used = st.integers(0, 2)
draws = st.integers(1, 2)

test_rng_lifted_vmap_lanes = bind(
    rng_lifted.lifted_vmap_lanes,
    seed=seeds,
    before=used,
    lanes=st.integers(2, 3),
    draws=draws,
    nested=st.booleans(),
    scale=0.1,
)
test_rng_lifted_deterministic = bind_spread(
    rng_lifted.lifted_deterministic,
    10,
    streams=r.streams(seeds),
    draws=r.draws.map(lambda names: names[:3]),
    transform=st.sampled_from(rng_lifted.ONCE),
    scale=0.2,
)
test_rng_split_rngs_lifted = bind_spread(
    rng_lifted.split_rngs_lifted,
    12,
    seed=seeds,
    before=used,
    draws=draws,
    how=st.sampled_from(("with", "decorator", "exception")),
    transform=st.sampled_from(("vmap", "scan")),
    only=st.booleans(),
    scale=0.2,
)
test_rng_fork_rngs_lifted = bind_spread(
    rng_lifted.fork_rngs_lifted,
    8,
    seed=seeds,
    before=used,
    draws=draws,
    how=st.sampled_from(("with", "decorator")),
    split=st.booleans(),
    scale=0.2,
)
