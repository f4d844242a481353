"""Putting a graph together: the program of a GraphDef is read once, as a recipe, which can be followed many times.

A recipe works on one list, the *pool*: the leaves, then statics and nodes from the end backwards. It knows for each
node at which places of the pool its children are, so one call into C takes them all, and a node costs a few calls
however many children it has. `Lookup` finds the leaves in a state in the same way, dict by dict.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .flatten import scan
from .graphdef import LEAF, Def, NodeDef, Ref, StaticDef, VariableDef
from .nodes import ARRAY, VARIABLE, Maker, as_mapping, kind_of_type, known_kind
from .paths import Key, picker
from .tracers import trace_state
from .variable import Variable

Pick = Callable[[Any], tuple[Any, ...]]


class Recipe:
    """How to put a graph together.

    Args:
        defs: the program.
    """

    __slots__ = ("_creates", "_makes", "_rest", "_root", "_variables")

    def __init__(self, defs: Sequence[Def]) -> None:
        self._variables: list[tuple[int, VariableDef]] = []
        self._rest = rest = list[Any]()  # what comes behind the leaves
        self._creates: list[tuple[int, Callable[..., Any], type]] = []
        self._makes: list[tuple[int, Pick, Maker]] = []  # children before parents
        opened: list[tuple[Any, NodeDef, int, list[int], int]] = []
        places: list[int] = []  # those of the innermost open node, which is complete when there are `count`
        count, leaves = 1, 0
        known: list[int] = []
        for d in defs:
            if type(d) is VariableDef:
                self._variables.append((leaves, d))
                known.append(leaves)
                places.append(leaves)
                leaves += 1
            elif type(d) is NodeDef:
                rest.append(None)
                place = -len(rest)
                kind: Any = kind_of_type(d.type)  # a NodeType
                if kind.identity:
                    known.append(place)
                    self._creates.append((place, kind.create, d.type))
                opened.append((kind, d, place, places, count))
                places, count = [], len(d.keys)
            elif type(d) is StaticDef:
                rest.append(d.value)
                places.append(-len(rest))
            elif type(d) is Ref:
                places.append(known[d.number])
            else:
                places.append(leaves)
                leaves += 1
            while len(places) == count and opened:
                kind, nodedef, place, outer, count = opened.pop()
                self._makes.append((place, picker(places), kind.maker(nodedef)))
                places = outer
                places.append(place)
        self._root = places[0]
        rest.reverse()

    def build(self, leaves: Iterable[Any], *, wrap: bool = True) -> Any:
        """A new graph.

        Args:
            leaves: in canonical order.
            wrap: make a Variable of the recorded type and metadata from a plain value that stands for a Variable.
        """
        pool = [*leaves, *self._rest]
        if wrap:
            for place, d in self._variables:
                if not isinstance(pool[place], Variable):
                    pool[place] = d.type.from_metadata(pool[place], d.metadata)
        trace = trace_state()
        for place, create, cls in self._creates:  # all, before one is filled, since they may hold each other
            pool[place] = create(cls, trace)
        for place, pick, make in self._makes:
            pool[place] = make(pool[place], pick(pool))
        return pool[self._root]


def unflatten(defs: Sequence[Def], leaves: Iterable[Any], *, wrap: bool = True) -> Any:
    """Put a graph together; the inverse of `flatten`. See `Recipe.build`."""
    return Recipe(defs).build(leaves, wrap=wrap)


class _Branch:
    """The dict that a state has for one node, below that of its parent: the keys of its leaves, and their numbers."""

    __slots__ = ("below", "key", "keys", "leaves", "number", "parent")

    def __init__(self, parent: _Branch | None, key: Key) -> None:
        self.parent, self.key = parent, key
        self.keys: list[Key] = []
        self.leaves: list[int] = []
        self.below = 0  # how many branches that are not empty
        self.number = 0


class Lookup:
    """Where the leaves of a graph are in one State, if that has just the form which `split` gives it.

    Args:
        defs: the program; its root is a node.
    """

    __slots__ = ("_branches", "_sort")

    def __init__(self, defs: Sequence[Def]) -> None:
        leaves = itertools.count()
        branches: list[_Branch] = []
        opened = [_Branch(None, None)]  # holds the State itself
        for d, key in scan(defs):
            if d is None:
                closed = opened.pop()
                opened[-1].below += bool(closed.keys or closed.below)
            elif isinstance(d, NodeDef):
                branches.append(_Branch(opened[-1], key))
                opened.append(branches[-1])
            elif isinstance(d, VariableDef) or d is LEAF:
                opened[-1].keys.append(key)
                opened[-1].leaves.append(next(leaves))
        root, *others = branches
        root.number = 1
        self._branches: list[tuple[int, Key, int, Pick]] = [(0, None, len(root.keys) + root.below, picker(root.keys))]
        order = root.leaves
        for branch in others:
            if branch.keys or branch.below:
                assert branch.parent is not None
                size = len(branch.keys) + branch.below
                self._branches.append((branch.parent.number, branch.key, size, picker(branch.keys)))
                branch.number = len(self._branches)
                order += branch.leaves
        self._sort = None if order == sorted(order) else picker(sorted(range(len(order)), key=order.__getitem__))

    def find(self, state: Any) -> Sequence[Any] | None:
        """The leaves in canonical order; None if there is anything unusual, which `collect_leaves` has to see."""
        dicts = [{None: as_mapping(state)}]
        found: list[Any] = []
        try:
            for parent, key, size, pick in self._branches:
                branch: Any = dicts[parent][key]
                if type(branch) is not dict or len(branch) != size:
                    return None
                dicts.append(branch)
                found += pick(branch)
        except KeyError:
            return None
        if not all(known_kind(cls) in (VARIABLE, ARRAY) for cls in set(map(type, found))):
            return None
        return found if self._sort is None else self._sort(found)
