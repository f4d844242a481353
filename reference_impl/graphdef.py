"""`GraphDef`: all of a graph that is not a leaf, as a flat program that rebuilds it.

The program lists the graph in depth-first order: a `NodeDef` is followed by the definitions of its children, one for
each key. Objects with identity (graph nodes and Variables) are numbered as they come; a `Ref` is one of them met again.
Being flat, a program is hashed, compared, pickled and freed without recursion however deep the graph is.
"""

from __future__ import annotations

import weakref
from typing import Any, Generic, NamedTuple, TypeVar

import jax

from .paths import Key
from .statics import freeze

A = TypeVar("A")


class NodeDef(NamedTuple):
    """A node; its children follow. `flags` and `aux` are as in `Parts`."""

    type: type
    keys: tuple[Key, ...]
    flags: tuple[bool, ...] | None
    aux: Any


class VariableDef(NamedTuple):
    """A Variable, whose value is in the state."""

    type: Any  # a Variable type
    metadata: dict[str, Any]


class StaticDef(NamedTuple):
    """A static value."""

    value: Any


class Ref(NamedTuple):
    """The graph node or Variable with this number, met again."""

    number: int


class _Leaf:
    """A raw leaf: an array, or whatever was marked as data."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "LEAF"

    def __reduce__(self) -> str:
        return "LEAF"


LEAF = _Leaf()

Def = NodeDef | VariableDef | StaticDef | Ref | _Leaf


class GraphDef(Generic[A]):
    """The structure of a graph: node types, names, statics, sharing, Variable types and metadata, but no leaf.

    A GraphDef is immutable, and a jax pytree without leaves. Two of them are equal if the graphs are isomorphic up to
    the values of their leaves; statics must agree in value and in type. It is hashable if its statics and metadata are.
    The first comparison or hash looks at the whole structure, later ones only at its token.
    """

    __slots__ = ("__weakref__", "_token", "defs", "lookup", "recipe")

    defs: tuple[Def, ...]
    _token: _Structure | None
    recipe: Any
    """How `merge` puts the graph together, from its first merge on; see `recipe`."""
    lookup: Any
    """Where `merge` finds the leaves in a State, likewise."""

    def __init__(self, defs: tuple[Def, ...]) -> None:
        self.defs = defs
        self._token = None
        self.recipe = self.lookup = None

    @property
    def structure(self) -> _Structure:
        """What is compared: one object for all equal GraphDefs, if they are hashable."""
        if self._token is None:
            self._token = _intern(structure_key(self.defs))
        return self._token

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self.structure == other.structure if isinstance(other, GraphDef) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.structure)

    def __reduce__(self) -> tuple[Any, ...]:
        return GraphDef, (self.defs,)

    def __deepcopy__(self, memo: dict[int, Any]) -> GraphDef[A]:
        return self

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.defs[:8]))
        return f"GraphDef({shown}{', ...' if len(self.defs) > 8 else ''})"

    @property
    def num_leaves(self) -> int:
        """How many leaves a state for this GraphDef has."""
        return sum(1 for d in self.defs if d is LEAF or type(d) is VariableDef)

    def apply(self, *states: Any) -> Any:
        """A proxy that merges, calls a method and splits again: `graphdef.apply(state).method(x)`.

        Returns:
            A proxy; the call at its end returns what the method returned and the new `(graphdef, state)`.
        """
        from .call import call  # call needs merge, which needs this module

        return call((self, *states))


jax.tree_util.register_static(GraphDef)


# ---- comparing -----------------------------------------------------------------------------------------------------


class _Structure:
    """A structure key with its hash, computed once. Hashable ones are interned: equal means identical."""

    __slots__ = ("__weakref__", "hashed", "key")

    def __init__(self, key: tuple[Any, ...], hashed: int | None) -> None:
        self.key = key
        self.hashed = hashed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Structure):
            return NotImplemented
        return self is other or (self.hashed is None and other.hashed is None and self.key == other.key)

    def __hash__(self) -> int:
        if self.hashed is None:
            hash(self.key)  # raises, and says which value it was
            raise TypeError("this GraphDef has unhashable statics or metadata")
        return self.hashed


_INTERNED: weakref.WeakValueDictionary[tuple[Any, ...], _Structure] = weakref.WeakValueDictionary()


def _intern(key: tuple[Any, ...]) -> _Structure:
    try:
        hashed = hash(key)
    except TypeError:
        return _Structure(key, None)
    return _INTERNED.setdefault(key, _Structure(key, hashed))


def structure_key(defs: tuple[Def, ...]) -> tuple[Any, ...]:
    """A flat tuple that equals another exactly if the structures are equal, by value and type."""
    key: list[Any] = []
    for d in defs:
        if d is LEAF:
            key.append(LEAF)
        elif type(d) is NodeDef:
            aux = None if d.aux is None else freeze(d.aux)
            key.extend((NodeDef, d.type, _freeze_keys(d.keys), d.flags, aux))
        elif type(d) is VariableDef:
            key.extend((VariableDef, d.type, *[(name, freeze(d.metadata[name])) for name in sorted(d.metadata)]))
        elif type(d) is StaticDef:
            key.extend((StaticDef, freeze(d.value)))
        else:
            key.append(d)
    return tuple(key)


def _freeze_keys(keys: tuple[Key, ...]) -> Any:
    """The keys, told apart by type where that matters: 1, True and 1.0 are three keys."""
    return keys if all(type(key) is str or type(key) is int for key in keys) else freeze(keys)
