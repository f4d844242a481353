"""Operations on graphs outside of transforms: split, merge, update, state, graphdef, pop, clone and observe.

Their floors do to the flat list of leaves what the operation does to a graph, at the speed of jax's own C++ where jax
has it (flatten, unflatten, structure), else of the shortest Python loop. A filter is a question asked of each leaf, so
the floor of a split with filters is one loop over leaves with their types and as many ``issubclass`` as it takes. A
graph has to be walked in Python where its nodes are Python objects; the ratio to these floors says what that costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from nnxspec.spec.observation import observe

from ..subjects import Leaves, Subject, is_key, tokens
from ..timing import Timed
from .kinds import Operation, expect, nothing


class _Param:
    """Stands for the type of a leaf in floors."""


class _BatchStat:
    """Stands for the type of a leaf in floors."""


class _Stream:
    """Stands for the type of a leaf in floors."""


class _Never:
    """A type that no leaf has."""


def _check_states(subject: Subject, states: Sequence[Any], groups: Sequence[Sequence[Any]]) -> None:
    for number, (state, group) in enumerate(zip(states, groups, strict=True)):
        expect(tokens(state) == tokens(list(group)), f"state {number} of the split holds other leaves")


def _split(*names: str) -> Callable[[Subject], Timed]:
    """split with filters: types by name; the last one takes the rest."""

    def live(subject: Subject) -> Timed:
        leaves, graph, split = subject.leaves, subject.graph, subject.nnx.split
        if not names:
            return Timed(lambda: split(graph), lambda out: _check_states(subject, out[1:], [leaves.all]))
        filters = (*(getattr(subject.nnx, name) for name in names), ...)
        held = {"Param": leaves.params, "BatchStat": leaves.stats}
        rest = [x for n, group in held.items() if n not in names for x in group]
        groups = [*(held.get(name, []) for name in names), [*rest, *leaves.streams]]
        return Timed(lambda: split(graph, *filters), lambda out: _check_states(subject, out[1:], groups))

    return live


def _flatten(leaves: Leaves) -> Timed:
    flat, flatten = leaves.all, jax.tree.flatten
    return Timed(lambda: flatten(flat), lambda out: expect(len(out[0]) == len(flat), "leaves are missing"))


def _partition(*types: type) -> Callable[[Leaves], Timed]:
    """One pass over the leaves with their types; each goes to the list of the first type that fits."""

    def floor(leaves: Leaves) -> Timed:
        kinds = (_Param, leaves.params), (_BatchStat, leaves.stats), (_Stream, leaves.streams)
        typed = [(kind, x) for kind, group in kinds for x in group]

        def run() -> list[list[Any]]:
            groups: list[list[Any]] = [[] for _ in range(len(types) + 1)]
            for kind, leaf in typed:
                for number, wanted in enumerate(types):
                    if issubclass(kind, wanted):
                        groups[number].append(leaf)
                        break
                else:
                    groups[-1].append(leaf)
            return groups

        return Timed(run, lambda out: expect(sum(map(len, out)) == len(typed), "leaves are missing"))

    return floor


def _same_graph(subject: Subject, graph: Any, what: str) -> None:
    expect(observe(subject.nnx, graph) == subject.observed, f"{what} is another graph")


def _merge(subject: Subject) -> Timed:
    expected, (graphdef, state), merge = subject.observed, subject.nnx.split(subject.graph), subject.nnx.merge
    nnx = subject.nnx
    return Timed(
        lambda: merge(graphdef, state),
        lambda out: expect(observe(nnx, out) == expected, "what comes back is another graph"),
    )


def _unflatten(leaves: Leaves) -> Timed:
    flat, treedef = jax.tree.flatten(leaves.all)
    unflatten = jax.tree.unflatten
    return Timed(lambda: unflatten(treedef, flat), lambda out: expect(len(out) == len(flat), "leaves are missing"))


def _update(subject: Subject) -> Timed:
    expected, graph, update = subject.observed, subject.graph, subject.nnx.update
    state, nnx = subject.nnx.state(subject.graph), subject.nnx

    def check(_: Any) -> None:
        expect(observe(nnx, graph) == expected, "the update changes the graph")

    return Timed(lambda: update(graph, state), check)


def _write(leaves: Leaves) -> Timed:
    flat = leaves.all
    cells: list[list[Any]] = [[None] for _ in flat]

    def run() -> None:
        for cell, leaf in zip(cells, flat, strict=True):
            cell[0] = leaf

    return Timed(run, lambda _: expect(all(c[0] is x for c, x in zip(cells, flat, strict=True)), "not written"))


def _state(subject: Subject) -> Timed:
    graph, state = subject.graph, subject.nnx.state
    return Timed(lambda: state(graph), lambda out: _check_states(subject, [out], [subject.leaves.all]))


def _leaves(leaves: Leaves) -> Timed:
    flat, get = leaves.all, jax.tree.leaves
    return Timed(lambda: get(flat), lambda out: expect(len(out) == len(flat), "leaves are missing"))


def _graphdef(subject: Subject) -> Timed:
    expected, graph, graphdef = subject.observed, subject.graph, subject.nnx.graphdef
    nnx, state = subject.nnx, subject.nnx.split(subject.graph)[1]

    def check(out: Any) -> None:
        expect(observe(nnx, nnx.merge(out, state)) == expected, "merged with the state it gives another graph")

    return Timed(lambda: graphdef(graph), check)


def _structure(leaves: Leaves) -> Timed:
    flat, structure = leaves.all, jax.tree.structure
    return Timed(lambda: structure(flat), lambda out: expect(out.num_leaves == len(flat), "leaves are missing"))


def _graphdef_hash(subject: Subject) -> Timed:
    graph, graphdef, fresh = subject.graph, subject.nnx.graphdef, list[Any]()
    kept = graphdef(graph)  # alive, so that no other one can have its address

    def before() -> None:
        fresh[:] = [graphdef(graph)]  # one that has not been asked for its hash

    return Timed(
        lambda: hash(fresh[0]), lambda out: expect(out == hash(kept), "equal graphdefs have two hashes"), before
    )


def _structure_hash(leaves: Leaves) -> Timed:
    flat, structure, fresh = leaves.all, jax.tree.structure, list[Any]()
    known = hash(structure(flat))

    def before() -> None:
        fresh[:] = [structure(flat)]

    return Timed(lambda: hash(fresh[0]), lambda out: expect(out == known, "equal structures have two hashes"), before)


def _graphdef_eq(subject: Subject) -> Timed:
    one, two = subject.nnx.graphdef(subject.graph), subject.nnx.graphdef(subject.graph)
    return Timed(lambda: one == two, lambda out: expect(out is True, "graphdefs of one graph are not equal"))


def _structure_eq(leaves: Leaves) -> Timed:
    one: Any = jax.tree.structure(leaves.all)
    two: Any = jax.tree.structure(leaves.all)
    return Timed(lambda: one == two, lambda out: expect(out is True, "structures of one list are not equal"))


def _pop(subject: Subject) -> Timed:
    expected, nnx, graph = subject.observed, subject.nnx, subject.graph
    pop, wanted, holders = nnx.pop, nnx.BatchStat, subject.holders()

    def put_back() -> None:
        for node, name, variable in holders:
            setattr(node, name, variable)

    def check(out: Any) -> None:
        left = [name for node, name, _ in holders if name in subject.nnx.attributes(node)]
        expect(tokens(out) == tokens(subject.leaves.stats), "what is popped is not the state of all BatchStats")
        expect(not left, f"{len(left)} of {len(holders)} attributes with a BatchStat are still there")
        put_back()
        expect(observe(nnx, graph) == expected, "the rest of the graph is changed")

    return Timed(lambda: pop(graph, wanted), check, after=put_back)


def _clone(subject: Subject) -> Timed:
    expected, nnx, graph, clone = subject.observed, subject.nnx, subject.graph, subject.nnx.clone

    def check(out: Any) -> None:
        expect(out is not graph, "the clone is the graph itself")
        expect(observe(nnx, out) == expected, "the clone is another graph")

    return Timed(lambda: clone(graph), check)


def _map(leaves: Leaves) -> Timed:
    flat, map_leaves = leaves.all, jax.tree.map
    return Timed(lambda: map_leaves(lambda x: x, flat), lambda out: expect(len(out) == len(flat), "leaves are missing"))


def _observe(subject: Subject) -> Timed:
    nnx, graph = subject.nnx, subject.graph

    def check(out: Any) -> None:
        if subject.leaves.size <= 500:  # a second graph of 50,000 takes half a minute to make
            expect(out == observe(nnx, subject.make()), "an equal graph is observed differently")

    return Timed(lambda: observe(nnx, graph), check)


def _read(leaves: Leaves) -> Timed:
    flat = [jax.random.key_data(x) if is_key(x) else x for x in leaves.all]
    return Timed(lambda: [(str(x.dtype), x.shape, np.asarray(x).tobytes()) for x in flat], nothing)


_FLAT = "of the list of leaves"
_LOOP = "one Python loop over the leaves with their types"

GRAPHS: tuple[Operation, ...] = (
    Operation("split", "graph", "split(graph)", f"jax.tree.flatten {_FLAT}", _split(), _flatten, ("split",)),
    Operation(
        "split-2",
        "graph",
        "split(graph, Param, ...)",
        _LOOP,
        _split("Param"),
        _partition(_Param),
        ("split",),
    ),
    Operation(
        "split-5",
        "graph",
        "split(graph, Cache, Intermediate, BatchStat, Param, ...)",
        _LOOP,
        _split("Cache", "Intermediate", "BatchStat", "Param"),
        _partition(_Never, _Never, _BatchStat, _Param),
        ("split", "variable-types"),
    ),
    Operation(
        "merge",
        "graph",
        "merge(graphdef, state)",
        f"jax.tree.unflatten {_FLAT}",
        _merge,
        _unflatten,
        ("split", "merge"),
    ),
    Operation(
        "update",
        "graph",
        "update(graph, state)",
        "one Python loop that stores the leaves",
        _update,
        _write,
        ("update", "state"),
    ),
    Operation("state", "graph", "state(graph)", f"jax.tree.leaves {_FLAT}", _state, _leaves, ("state",)),
    Operation(
        "graphdef",
        "graph",
        "graphdef(graph)",
        f"jax.tree.structure {_FLAT}",
        _graphdef,
        _structure,
        ("graphdef", "split", "merge"),
    ),
    Operation(
        "graphdef-hash",
        "graph",
        "hash of a fresh graphdef",
        "hash of a fresh jax.tree.structure",
        _graphdef_hash,
        _structure_hash,
        ("graphdef",),
    ),
    Operation(
        "graphdef-eq",
        "graph",
        "two equal graphdefs compared",
        "two equal jax.tree.structures compared",
        _graphdef_eq,
        _structure_eq,
        ("graphdef",),
    ),
    Operation(
        "pop",
        "graph",
        "pop(graph, BatchStat); what is popped is put back outside of the clock",
        _LOOP,
        _pop,
        _partition(_BatchStat),
        ("pop", "variable-types", "structural-mutation"),
    ),
    Operation("clone", "graph", "clone(graph)", f"jax.tree.map of the identity {_FLAT}", _clone, _map, ("clone",)),
    Operation(
        "observe",
        "graph",
        "nnxspec's own observe(graph), which compares graphs in laws",
        "dtype, shape and bytes of each leaf read in a Python loop",
        _observe,
        _read,
        ("core",),
        most=5_000,
        why="it is part of the test suite, whose graphs are small",
    ),
)
"""The operations outside of transforms."""
