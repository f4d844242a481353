"""Inputs for the laws of grad and value_and_grad."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Step
from nnxspec.spec.laws.transformation.grad import gradients, refusals, tree
from nnxspec.spec.script.filters import FilterExpr, FilterTree

from ..strategies import TREES, arrays, filter_data, leaves, shared, small
from ..strategies.losses import FLOATS, floats, loose, losses, picks, plans, tied_plans

flag = st.booleans()
by_type = st.sampled_from(("jax.Array", "jax.Array", "nnx.Variable", "nnx.Param", "object")).map(
    lambda t: FilterTree(FilterExpr("type", (t,)))
)
params = st.sampled_from(("nnx.Param", "Kernel", "SubKernel")).map(lambda t: FilterExpr("of-type", (t,)))
listed = st.lists(params, max_size=2).map(lambda parts: FilterTree(FilterExpr("list", tuple(parts))))
"""Lists of filters that select floats alone: Params are made so."""
selections = st.lists(filter_data | by_type | by_type | listed, min_size=1, max_size=3).map(tuple)
raw_arrays = st.tuples(small, small, st.just(0), st.just(0), small, st.integers(0, 5)).map(
    lambda operands: Step("array", operands)
)
pairs = st.permutations((0, 2, 5)).map(lambda kinds: tuple(kinds[:2]))
same = st.one_of(
    pairs,
    pairs,
    st.sampled_from(((0,), (1,), (4,))),
    st.lists(st.sampled_from((0, 1, 1, 2, 4, 5)), min_size=2, max_size=3).map(tuple),
)

tree_graphs = floats(*FLOATS, *TREES, "raw-arrays", "rngs", "keys", "non-pytrees")
exact = arrays(dtypes=("int32", "bool", "uint8", "int8")) | leaves("key")
dtypes = st.tuples(*[st.sampled_from(("float32", "bfloat16", "complex64", "int32"))] * 2)
argnums = st.sampled_from((0, 1, 2, -1, (0,), (0, 1), (1, 0), (2, 1), (0, -1), (1, 3)))

test_grad_matches_jax = bind(
    gradients.matches_jax,
    make=floats() | floats(more=loose | shared),
    plan=plans() | tied_plans,
    picks=picks,
    loss=losses(),
)
test_grad_negative_argnums = bind(
    gradients.negative_argnums, make=floats(), plan=plans(), picks=picks, loss=losses(), scale=0.5
)
test_grad_state_updates_once = bind(
    gradients.state_updates_once,
    make=floats() | floats(more=loose | shared),
    plan=plans() | tied_plans,
    picks=picks,
    loss=losses(effects=True),
)
test_grad_tied_weights = bind(
    gradients.tied_weights, make=floats(more=loose | loose | shared), pick=small, kinds=same, loss=losses(effects=True)
)
test_grad_diff_state = bind(
    gradients.diff_state,
    make=floats() | floats(more=raw_arrays) | floats(more=raw_arrays),
    plan=plans() | plans() | plans() | tied_plans,
    picks=picks,
    trees=selections,
    any_dtype=st.sampled_from((False, False, False, True)),
    loss=losses(effects=True),
)
test_grad_has_aux = bind(
    gradients.has_aux, make=floats(), plan=plans(), picks=picks, wanted=plans(), loss=losses(effects=True), scale=0.5
)
test_grad_second_order = bind(
    gradients.second_order, make=floats(), plan=plans(2), loss=losses(effects=True), scale=0.4
)
test_grad_scalar_loss = bind(
    refusals.scalar_loss,
    make=floats(),
    loss=losses(effects=True),
    which=st.integers(0, 9),
    with_value=flag,
    scale=0.3,
)
test_grad_aux_pair = bind(
    refusals.aux_pair, make=floats(max_chunks=1), which=st.integers(0, 3), with_value=flag, scale=0.2
)
test_grad_inexact_only = bind(refusals.inexact_only, make=floats(), leaf=exact, pick=small, with_value=flag, scale=0.3)
test_grad_bad_argnums = bind(
    refusals.bad_argnums, make=floats(max_chunks=1), which=st.integers(0, 7), with_value=flag, scale=0.3
)
test_grad_repeated_argnums = bind(
    refusals.repeated_argnums,
    make=floats(max_chunks=1),
    first=st.integers(0, 1),
    second=st.integers(0, 1),
    negative=flag,
    with_value=flag,
    scale=0.2,
)
test_grad_consistent_argnums = bind(
    refusals.consistent_argnums, make=floats(), pick=small, wrap=st.integers(0, 2), last=flag, scale=0.3
)
test_grad_options_as_jax = bind(
    refusals.options_as_jax,
    dtypes=dtypes,
    argnums=argnums,
    kind=st.integers(0, 1),
    flags=st.tuples(flag, flag, flag, flag),
    by_name=flag,
    scale=0.5,
)
test_grad_keyword_arguments = bind(
    refusals.keyword_arguments, make=floats(), pick=small, loss=losses(effects=True), only=flag, scale=0.3
)
test_grad_tree_result_type = bind(
    tree.tree_result_type,
    make=tree_graphs,
    loss=losses(effects=True),
    scale=0.3,
)
