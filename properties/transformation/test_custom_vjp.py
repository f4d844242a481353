"""Inputs for the laws of custom_vjp."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import custom_vjp

from ..strategies import TREES, filter_data, small
from ..strategies.losses import FLOATS, floats, losses, picks, plans
from ..strategies.spread import bind_spread

factors = st.integers(1, 3)
shares = st.integers(0, 2)

test_custom_vjp_user_rule = bind_spread(
    custom_vjp.user_rule,
    8,
    make=floats(),
    plan=plans(2),
    picks=picks,
    loss=losses(effects=True),
    factor=factors,
    share=shares,
    scale=0.4,
)
test_custom_vjp_unchanged_inputs = bind(
    custom_vjp.unchanged_inputs, make=floats(), loss=losses(), factor=factors, scale=0.15
)
test_custom_vjp_outputs = bind(
    custom_vjp.outputs, make=floats(), loss=losses(effects=True), number=factors, new=st.booleans(), scale=0.3
)
test_custom_vjp_nondiff_nodes = bind(
    custom_vjp.nondiff_nodes,
    make=floats(*FLOATS, "cycles"),
    pick=small,
    position=st.integers(0, 1),
    by_name=st.booleans(),
    scale=0.3,
)
test_custom_vjp_diff_state = bind(
    custom_vjp.diff_state, make=floats(), tree=filter_data, loss=losses(), factor=factors, scale=0.3
)
test_custom_vjp_rule_missing = bind(custom_vjp.rule_missing, make=floats(), scale=0.1)
test_custom_vjp_tree_tangents = bind(
    custom_vjp.tree_tangents,
    make=floats(*FLOATS, *TREES, "raw-arrays", "rngs", "keys", "non-pytrees"),
    loss=losses(effects=True),
    factor=factors,
    effects=st.booleans(),
    asked=st.booleans(),
    scale=0.3,
)
