"""Inputs for the laws that test the harness itself."""

from nnxspec.harness.binding import bind
from nnxspec.harness.small_scope import scoped
from nnxspec.spec.laws import graph

from .strategies import PLAIN, arrays, graphs, shared

test_graph_build_observe = bind(graph.build_observe, make=graphs(*PLAIN))
test_graph_write_through_alias = bind(
    graph.write_through_alias,
    # Below a List or Dict too: there what is read need not be what is held.
    make=scoped(graphs(*PLAIN, more=shared) | graphs(*PLAIN, root=2) | graphs(*PLAIN, root=3), PLAIN, None),
    value=arrays(),
)
