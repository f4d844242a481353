"""Inputs for the laws of cond and switch."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import branches
from nnxspec.spec.laws.transformation.bodies import CHANGES

from ..strategies import PLAIN, graphs
from ..strategies.programs import programs

few = graphs(*PLAIN, "numpy", "values", "abstract", "pytree-values", max_chunks=1)
some_changes = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(CHANGES)), min_size=1, max_size=3).map(tuple)
plans = st.none() | st.just(()) | some_changes | some_changes
forms = st.sampled_from(("python", "array", "traced"))
# A branch that is no program returns nothing, so programs give no output where some branches are plans.
# What becomes of metadata under jit, and of objects that a body takes out of its arguments, are laws of their own.
silent = programs("body-outputs", "body-metadata", "body-detached") | programs(
    "body-outputs", "body-metadata", "body-detached", "body-structure", "body-statics", "body-shapes"
)
# What one branch changes and the other leaves alone is half of the pairs.
pairs = st.tuples(plans, plans) | st.tuples(st.just(()), some_changes) | st.tuples(some_changes, st.just(()))
several = pairs | st.tuples(plans, plans, plans, plans) | st.tuples(plans)

test_cond_chosen_branch_only = bind(
    branches.chosen_branch_only,
    scale=0.25,
    p=silent,
    plans=pairs,
    chosen=st.integers(0, 1),
    form=forms,
)
test_switch_clamped = bind(
    branches.clamped,
    scale=0.25,
    p=silent,
    plans=several,
    chosen=st.sampled_from((1, 2, 0, 3, -1, -2, 4, 9)),
    form=forms,
)
test_cond_branches_agree = bind(
    branches.branches_agree,
    scale=0.25,
    make=few,
    how=st.sampled_from(
        (
            *("add", "delete", "static", "deep static", "new static", "shape", "dtype", "type", "new array"),
            *("output", "output shape", "output node", "swap", "nodes", "across", "alias", "new node"),
        )
    ),
    who=st.sampled_from(((True, True), (True, False), (False, True))),
    chosen=st.integers(0, 1),
    form=forms,
    transform=st.sampled_from(("cond", "switch")),
)
