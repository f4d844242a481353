"""Inputs for the laws of pop."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.split_and_merge import pop
from nnxspec.spec.script.filters import FilterTree

from .strategies import PLAIN, graphs, leaves, parts, shared

# What pop does in containers and to Python values is the subject of laws of its own, or free.
POPPABLE = (*PLAIN, "containers", "list-nodes", "values")
trees = parts(3).map(lambda filters: tuple(map(FilterTree, filters)))
matching = st.lists(st.booleans(), min_size=1, max_size=4).map(tuple) | st.tuples(*[st.booleans()] * 4)
KINDS = 7
"""How many kinds of container there are."""

test_pop_removes_matching = bind(pop.removes_matching, make=graphs(*POPPABLE), trees=trees)
test_pop_complete = bind(pop.complete, make=graphs(*POPPABLE, more=shared), trees=trees)
test_pop_containers = bind(
    pop.containers,
    tried_first=lambda _: [
        {"kind": kind, "matching": some, "shared": shared}
        for some, shared in (((True, False, True, True), False), ((True, True), True))
        for kind in range(KINDS)
    ],
    kind=st.integers(0, KINDS - 1),
    matching=matching,
    shared=st.booleans(),
)
test_pop_atomic = bind(
    pop.atomic,
    make=graphs(*POPPABLE, max_chunks=2),
    matching=matching,
    position=st.integers(0, 4),
    value=leaves("jax", "numpy", "python"),
)
test_pop_catch_all = bind(pop.catch_all, make=graphs(*POPPABLE, "sharing", "cycles"))
