"""Inputs for the laws of jvp and vjp."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import linear

from ..strategies import TREES, small
from ..strategies.losses import FLOATS, floats, losses, plans

flags = st.booleans()
numbers = st.lists(st.integers(0, 3), min_size=1, max_size=2).map(tuple)
trees = floats(*FLOATS, *TREES, "raw-arrays", "rngs", "keys", "non-pytrees")

test_jvp_matches_jax = bind(
    linear.jvp_matches_jax,
    make=floats(),
    plan=plans(),
    number=small,
    loss=losses(effects=True),
    aux=flags,
    scale=0.6,
)
test_jvp_tangents_fit = bind(linear.tangents_fit, make=floats(), plan=plans(), number=small, loss=losses(), scale=0.2)
test_vjp_matches_jax = bind(
    linear.vjp_matches_jax,
    make=floats(),
    plan=plans(),
    numbers=numbers,
    loss=losses(effects=True),
    aux=flags,
    scale=0.6,
)
test_vjp_cotangents_fit = bind(linear.cotangents_fit, make=floats(), plan=plans(), loss=losses(), scale=0.2)
test_jvp_tree_matches_jax = bind(
    linear.jvp_tree, make=trees, number=small, loss=losses(effects=True), aux=flags, scale=0.3
)
test_vjp_tree_matches_jax = bind(
    linear.vjp_tree, make=trees, number=small, loss=losses(effects=True), aux=flags, scale=0.3
)
