"""An instance of `brainstate.graph.Node` itself is no node: only subclasses are registered."""

import brainstate

node = brainstate.graph.Node()
try:
    brainstate.graph.treefy_split(node)
except ValueError as error:
    raise AssertionError(f"expected an empty graph, got ValueError: {error}") from None
