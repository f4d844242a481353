"""Inputs for the laws of while_loop and fori_loop, and of what every loop does."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import loop_changes, loops

from ..strategies import PLAIN, TREES, graphs
from ..strategies.programs import programs
from ..strategies.spread import bind_spread

JITTABLE = (*PLAIN, "numpy", "values", "abstract", "pytree-values")
few = graphs(*JITTABLE, max_chunks=1)
# Most often only what a loop has to propagate; what it may refuse as well.
loop_programs = programs("body-outputs", "body-structure", "body-statics", "body-metadata", "body-shapes") | programs(
    "body-outputs"
)
forms = st.sampled_from(("dict", "tuple", "nested"))
hows = st.sampled_from(("plain", "plain", "jit"))
bounds = st.tuples(st.integers(-2, 2), st.integers(-2, 3))
limits = st.integers(0, 3)

test_while_equals_loop = bind_spread(
    loops.while_equals_loop, 8, scale=0.3, p=loop_programs, limit=limits, form=forms, how=hows
)
test_while_condition_effects = bind_spread(
    loops.while_condition_effects,
    10,
    scale=0.3,
    make=few,
    effect=st.sampled_from(("value", "index", "metadata", "static", "add", "delete", "replace", "draw")),
    limit=limits,
)
test_fori_equals_loop = bind_spread(
    loops.fori_equals_loop, 12, scale=0.3, p=loop_programs, bounds=bounds, traced=st.booleans(), form=forms, how=hows
)
test_loop_reverse_mode_while = bind(
    loops.reverse_mode_while, scale=0.1, make=few, limit=limits, depth=st.integers(0, 1)
)
loops_of_carry = st.sampled_from(("scan", "fori_loop", "while_loop"))
open_loops = st.sampled_from(("fori_loop", "while_loop"))

test_loop_reference_changes = bind_spread(
    loop_changes.reference_changes,
    20,
    scale=0.5,
    make=few,
    loop=loops_of_carry,
    how=st.sampled_from(("swap", "rotate", "nodes", "across", "alias", "new", "new node")),
    count=limits,
    writes=st.booleans(),
)
test_loop_static_changes = bind_spread(
    loop_changes.static_changes,
    20,
    scale=0.4,
    make=few,
    loop=loops_of_carry,
    how=st.sampled_from(("count", "deep", "set", "type", "same", "new", "delete", "toggle", "there and back")),
    count=limits,
)
test_loop_body_identity = bind_spread(
    loop_changes.body_identity,
    20,
    scale=0.4,
    make=few,
    loop=open_loops,
    how=st.sampled_from(
        ("clone", "child", "other", "variable", "array", "none", "wrapped", "add", "delete", "shape", "dtype", "type")
    ),
    count=limits,
)
test_loop_tree_variable_identity = bind_spread(
    loop_changes.tree_variable_identity,
    8,
    scale=0.3,
    make=graphs(*JITTABLE, *TREES, "non-pytrees", max_chunks=1),
    loop=open_loops,
    how=st.sampled_from(("replace", "copy", "tree.map", "clone")),
    count=limits,
)
