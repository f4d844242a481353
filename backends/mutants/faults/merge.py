"""Faults of merge."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "merge-accepts-extra-leaves",
        "A leaf that the GraphDef does not know is dropped in silence.",
        "flatten",
        "                if key not in self.used and not is_empty_branch(mapping[key]):",
        "                if False:",
        ("merge.leaf-count", "merge.paths-must-match"),
    ),
    Fault(
        "merge-looks-into-first-state",
        "Below the root only the first of several states is looked into.",
        "flatten",
        "branches = _Branches([_branch(value, path) for value in found], d.keys)",
        "branches = _Branches([_branch(value, path) for value in found[:1]], d.keys)",
        ("merge.order-free", "split.round-trip"),
    ),
    Fault(
        "merge-restores-type",
        "A Variable of another type than recorded is wrapped.",
        "recipe",
        "                if not isinstance(pool[place], Variable):",
        "                if type(pool[place]) is not d.type:",
        ("merge.installs-given-leaf",),
    ),
    Fault(
        "merge-takes-two-lists",
        "Of several lists of leaves the first counts.",
        "split",
        '    if len(states) > 1:\n        raise ValueError("cannot merge: a list',
        '    if len(states) > 9:\n        raise ValueError("cannot merge: a list',
        ("merge.leaf-list",),
    ),
    Fault(
        "merge-copy-ignored",
        "copy=True does not copy.",
        "split",
        "        leaves = list(map(copy_leaf, leaves))",
        "        leaves = list(leaves)",
        ("merge.copy",),
        source="google/flax#4912",
    ),
    Fault(
        "graph-state-of-any-graph",
        "A GraphState is merged into any structure.",
        "split",
        "    if given._graphdef != graphdef:",
        "    if False:",
        ("merge.graph-state",),
    ),
    Fault(
        "graph-state-mapped-without-graphdef",
        "jax.tree.map over a GraphState gives a State.",
        "split",
        "lambda graphdef, states: GraphState(graphdef, states[0])",
        "lambda graphdef, states: states[0]",
        ("merge.graph-state",),
    ),
    Fault(
        "apply-takes-one-state",
        "GraphDef.apply merges its states into one, and so takes one of them twice.",
        "graphdef",
        "return call((self, *states))",
        "from .state import merge_state\n\n        return call((self, merge_state(*states)))",
        ("merge.call",),
    ),
    Fault(
        "call-splits-another",
        "call gives back the graph as it was before.",
        "call",
        "return self._find(node)(*args, **kwargs), split(node)",
        "return self._find(node)(*args, **kwargs), split(merge(*self._parts, copy=True))",
        ("merge.call",),
    ),
    Fault(
        "merge-constructs",
        "Nodes are made by their constructor, with None for its arguments, where that works.",
        "pytree",
        "        return empty(cls) if trace is None else cls._pytree_empty(trace)\n",
        (
            "        try:\n"
            "            return cls(*[None] * (cls.__init__.__code__.co_argcount - 1))\n"
            "        except Exception:\n"
            "            return empty(cls)\n"
        ),
        ("merge.no-constructor",),
    ),
    Fault(
        "merge-moves-arrays",
        "merge puts all arrays on the first device.",
        "split",
        "    merged: A = graphdef.recipe.build(leaves)\n",
        (
            "    first = jax.devices()[0]\n"
            "    move = lambda x: jax.device_put(x, first) if isinstance(x, jax.Array) and not "
            "isinstance(x, jax.core.Tracer) else x\n"
            "    leaves = [jax.tree.map(move, leaf) for leaf in leaves]\n"
            "    merged: A = graphdef.recipe.build(leaves)\n"
        ),
        ("sharding.split-merge",),
    ),
    Fault(
        "long-lists-cut",
        "A list of more leaves than the graph has is cut.",
        "split",
        "    if len(lists[0]) != graphdef.num_leaves:",
        "    lists[0] = lists[0][: graphdef.num_leaves]\n    if len(lists[0]) != graphdef.num_leaves:",
        ("merge.leaf-list",),
    ),
    Fault(
        "graph-states-equal-by-state",
        "GraphStates of different structure are equal if their leaves are.",
        "split",
        "return self._graphdef == other._graphdef and bool(self._state == other._state)",
        "return bool(self._state == other._state)",
        ("merge.graph-state-equality",),
    ),
    Fault(
        "graph-states-equal-by-structure",
        "GraphStates of the same structure are equal, whatever their leaves.",
        "split",
        "return self._graphdef == other._graphdef and bool(self._state == other._state)",
        "return bool(self._graphdef == other._graphdef)",
        ("merge.graph-state-equality",),
    ),
    Fault(
        "graph-states-keep-items",
        "Deleting an item of a GraphState does nothing.",
        "split",
        "del self._state[key]",
        "pass",
        ("merge.graph-state",),
    ),
    Fault(
        "merge-takes-more-leaves",
        "A State that has more than the GraphDef is merged.",
        "recipe",
        "if type(branch) is not dict or len(branch) != size:",
        "if type(branch) is not dict:",
        ("merge.paths-must-match",),
    ),
    Fault(
        "leaves-in-order-of-nodes",
        "The leaves of a State are taken node by node, those of inner nodes last.",
        "recipe",
        "return found if self._sort is None else self._sort(found)",
        "return found",
        ("split.round-trip", "merge.order-free"),
    ),
)
