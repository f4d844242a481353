"""What a graph is made of: nodes, leaves and statics.

A *graph node* (Module, List, Dict, Rngs, ...) and a Variable have identity: met twice, they are the same object. A
*structural node* (list, dict, tuple, namedtuple, State, None, any registered jax pytree) has none: it is only a shape.
A raw array is a leaf; everything else is static unless somebody marked it as data.

`kind_of` answers for one object. It gives the `NodeType` that knows how to take such a node apart and put it together
again, or one of the marks `VARIABLE`, `ARRAY`, `OTHER`.
"""

from __future__ import annotations

import types
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

import jax
import numpy as np

from .graphdef import NodeDef
from .paths import Key, sorted_keys
from .state import State
from .tracers import TraceState
from .variable import Variable


class Parts(NamedTuple):
    """A node taken apart: its children in sorted key order and what else is needed to rebuild it.

    `flags` says for each child whether it is data; None means that the node does not say (the rule for plain containers
    and for objects that are not pytrees: what looks like data is data).
    """

    keys: tuple[Key, ...]
    values: Sequence[Any]
    flags: tuple[bool, ...] | None = None
    aux: Any = None


Maker = Callable[[Any, Sequence[Any]], Any]
"""Takes an empty graph node (None for a structural one) and the children, and gives the node with its children."""


class NodeType:
    """How nodes of one family are taken apart, rebuilt and edited.

    Families with `identity` are rebuilt in two steps, `create` and `fill`, so that cycles can close; the others in one
    step, `build`. `mutable` families can `set` and `remove` children in place.
    """

    identity = False
    mutable = False

    def flatten(self, node: Any) -> Parts:
        """Take `node` apart."""
        raise NotImplementedError

    def take_apart(self, node: Any) -> tuple[NodeDef, Sequence[Any]]:
        """What `flatten` gives as the definition of `node`, and the children beside it."""
        parts = self.flatten(node)
        return NodeDef(type(node), parts.keys, parts.flags, parts.aux), parts.values

    def children(self, node: Any) -> Iterable[Any]:
        """The children in any order (for checks that need no keys)."""
        return self.flatten(node).values

    def by_key(self, node: Any) -> tuple[Mapping[Key, Any], Mapping[Key, bool | None]]:
        """The children by key, and their flags where they are known; to read only."""
        parts = self.flatten(node)
        flags = dict(zip(parts.keys, parts.flags, strict=True)) if parts.flags else {}
        return dict(zip(parts.keys, parts.values, strict=True)), flags

    def build(self, cls: type, parts: Parts) -> Any:
        """Make a structural node of type `cls`."""
        raise NotImplementedError

    def create(self, cls: type, trace: TraceState | None = None) -> Any:
        """Make an empty graph node of type `cls` without running its constructor, in the present trace."""
        raise NotImplementedError

    def fill(self, node: Any, parts: Parts) -> None:
        """Give an empty graph node its children."""
        raise NotImplementedError

    def maker(self, nodedef: NodeDef) -> Maker:
        """`build`, or `fill`, for the nodes of one definition: what they have in common is prepared once."""
        cls, keys, flags, aux = nodedef
        if not self.identity:
            return lambda _, values: self.build(cls, Parts(keys, values, flags, aux))

        def make(node: Any, values: Sequence[Any]) -> Any:
            self.fill(node, Parts(keys, values, flags, aux))
            return node

        return make

    def set(self, node: Any, key: Key, value: Any) -> None:
        """Replace the child at an existing key."""
        raise NotImplementedError

    def remove(self, node: Any, keys: Iterable[Key]) -> None:
        """Delete the children at `keys`."""
        raise NotImplementedError

    def check_writable(self, node: Any) -> None:
        """Raise TraceContextError where `node` belongs to another trace."""


class Mark(Enum):
    """The kinds of object that are no node."""

    VARIABLE = "Variable"
    ARRAY = "array"
    OTHER = "other"


VARIABLE, ARRAY, OTHER = Mark.VARIABLE, Mark.ARRAY, Mark.OTHER


# ---- structural families -------------------------------------------------------------------------------------------


class _NoneNode(NodeType):
    def flatten(self, node: Any) -> Parts:
        return Parts((), ())

    def build(self, cls: type, parts: Parts) -> Any:
        return None


class _ListNode(NodeType):
    mutable = True

    def flatten(self, node: Any) -> Parts:
        return Parts(tuple(range(len(node))), node)

    def build(self, cls: type, parts: Parts) -> Any:
        return list(parts.values)

    def set(self, node: Any, key: Key, value: Any) -> None:
        node[key] = value

    def remove(self, node: Any, keys: Iterable[Key]) -> None:
        for key in sorted(keys, reverse=True):
            del node[key]


class _TupleNode(NodeType):
    def flatten(self, node: Any) -> Parts:
        return Parts(tuple(range(len(node))), node)

    def build(self, cls: type, parts: Parts) -> Any:
        return tuple(parts.values)


class _NamedTupleNode(NodeType):
    """Keyed by field name, since a name says more than a position."""

    def flatten(self, node: Any) -> Parts:
        keys = tuple(sorted(node._fields))
        return Parts(keys, [getattr(node, key) for key in keys])

    def children(self, node: Any) -> Iterable[Any]:
        return tuple(node)

    def build(self, cls: Any, parts: Parts) -> Any:
        fields = dict(zip(parts.keys, parts.values, strict=True))
        return cls(*[fields[name] for name in cls._fields])


class _DictNode(NodeType):
    """dict, OrderedDict (whose order is part of it) and defaultdict (whose factory is)."""

    mutable = True

    def flatten(self, node: Any) -> Parts:
        try:
            keys = tuple(sorted(node)) if len(node) > 1 else tuple(node)
        except TypeError as error:
            raise TypeError(
                f"the keys of one {type(node).__name__} must be comparable with each other, got {list(node)!r};"
                " use keys of one type"
            ) from error
        aux: Any = None
        if type(node) is OrderedDict:
            aux = tuple(node)
        elif type(node) is defaultdict:
            aux = node.default_factory
        return Parts(keys, [node[key] for key in keys], None, aux)

    def children(self, node: Any) -> Iterable[Any]:
        return list(node.values())

    def build(self, cls: type, parts: Parts) -> Any:
        items = dict(zip(parts.keys, parts.values, strict=True))
        if cls is OrderedDict:
            return OrderedDict((key, items[key]) for key in parts.aux)
        return defaultdict(parts.aux, items) if cls is defaultdict else items

    def set(self, node: Any, key: Key, value: Any) -> None:
        node[key] = value

    def remove(self, node: Any, keys: Iterable[Key]) -> None:
        for key in keys:
            del node[key]


class _StateNode(NodeType):
    """A State, nested mappings included: its keys may mix ints and strs."""

    mutable = True

    def flatten(self, node: Any) -> Parts:
        keys = tuple(sorted_keys(node))
        return Parts(keys, [node[key] for key in keys])

    def build(self, cls: Any, parts: Parts) -> Any:
        return cls(dict(zip(parts.keys, parts.values, strict=True)))

    def set(self, node: Any, key: Key, value: Any) -> None:
        node[key] = value

    def remove(self, node: Any, keys: Iterable[Key]) -> None:
        for key in keys:
            del node[key]


class _JaxNode(NodeType):
    """Any other type that was registered with jax.tree_util; jax takes it apart and rebuilds it."""

    def flatten(self, node: Any) -> Parts:
        treedef: Any
        pairs, treedef = jax.tree_util.tree_flatten_with_path(node, is_leaf=lambda child: child is not node)
        keys = [_key_of(path[0]) for path, _ in pairs]
        position = {key: i for i, key in enumerate(keys)}
        if len(position) < len(keys):
            raise ValueError(f"the pytree type {type(node).__name__} gives two children the same key: {keys}")
        order = [position[key] for key in sorted_keys(keys)]
        values = [pairs[i][1] for i in order]
        return Parts(tuple(keys[i] for i in order), values, None, (treedef.node_data()[1], tuple(order)))

    def children(self, node: Any) -> Iterable[Any]:
        return jax.tree.leaves(node, is_leaf=lambda child: child is not node)

    def build(self, cls: type, parts: Parts) -> Any:
        node_aux, order = parts.aux
        leaf = jax.tree.structure(0)
        treedef = jax.tree_util.PyTreeDef.from_node_data_and_children(
            jax.tree_util.default_registry, (cls, node_aux), [leaf] * len(order)
        )
        original = [value for _, value in sorted(zip(order, parts.values, strict=True), key=lambda pair: pair[0])]
        return treedef.unflatten(original)


def _key_of(entry: Any) -> Key:
    """The key inside one entry of a jax key path."""
    for name in ("idx", "key", "name"):
        if hasattr(entry, name):
            return getattr(entry, name)
    return str(entry)


# ---- classification ------------------------------------------------------------------------------------------------

Kind = NodeType | Mark

_DICT, _JAX, _NAMED_TUPLE, _STATE = _DictNode(), _JaxNode(), _NamedTupleNode(), _StateNode()

_KINDS: dict[type, Kind] = {
    type(None): _NoneNode(),
    list: _ListNode(),
    tuple: _TupleNode(),
    dict: _DICT,
    OrderedDict: _DICT,
    defaultdict: _DICT,
    State: _STATE,
    np.ndarray: ARRAY,
    **dict.fromkeys((bool, int, float, complex, str, bytes, type, types.FunctionType), OTHER),
}


def register_graph_node(cls: type, node_type: NodeType) -> None:
    """Make instances of `cls` nodes of the family `node_type`."""
    _KINDS[cls] = node_type


known_kind = _KINDS.get
"""The kind of a type that was met before, or None: loops over many objects ask it before they call `kind_of`."""


def kind_of(x: Any) -> Kind:
    """Say what `x` is in a graph: a `NodeType`, VARIABLE, ARRAY or OTHER."""
    kind = known_kind(type(x))
    return kind_of_type(type(x), x) if kind is None else kind


def kind_of_type(cls: type, instance: Any = None) -> Kind:
    """Like `kind_of`, for a type seen for the first time. What may change later (a registration) is not remembered."""
    kind = _KINDS.get(cls)
    if kind is not None:
        return kind
    if issubclass(cls, Variable):
        kind = VARIABLE
    elif issubclass(cls, State):
        kind = _STATE
    elif issubclass(cls, (np.ndarray, jax.Array, jax.Ref)):
        kind = ARRAY
    elif issubclass(cls, tuple) and hasattr(cls, "_fields"):
        kind = _NAMED_TUPLE
    elif jax.tree_util.default_registry.is_node(cls):
        kind = _JAX
    else:
        return ARRAY if isinstance(instance, (jax.Array, jax.Ref)) else OTHER  # a tracer counts as an array
    _KINDS[cls] = kind
    return kind


def is_node(x: Any) -> bool:
    """True for graph nodes and structural nodes, None included."""
    return isinstance(kind_of(x), NodeType)


def is_graph_node(x: Any) -> bool:
    """True for the nodes that have identity."""
    kind = kind_of(x)
    return isinstance(kind, NodeType) and kind.identity


def has_identity(kind: Kind) -> bool:
    """True for the kinds whose objects are the same object wherever they are met: graph nodes and Variables."""
    return kind is VARIABLE or (isinstance(kind, NodeType) and kind.identity)


def as_mapping(x: Any) -> Mapping[Any, Any] | None:
    """The mapping inside a State, a mapping itself, None for anything else."""
    if type(x) is dict:
        return x
    if isinstance(x, State):
        return x.raw_mapping
    return x if isinstance(x, Mapping) else None
