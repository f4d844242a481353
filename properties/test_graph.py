"""Inputs for the laws that test the harness itself."""

from nnxspec.harness.binding import bind
from nnxspec.spec.laws import graph

from .strategies import PLAIN, arrays, graphs

test_graph_build_observe = bind(graph.build_observe, make=graphs(*PLAIN))
test_graph_write_through_alias = bind(graph.write_through_alias, make=graphs(*PLAIN), value=arrays())
