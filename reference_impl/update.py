"""`update`: writing the leaves of States into a graph that exists, in place, wholly or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .bulk import take_over
from .flatten import holds_variable, is_empty_branch, is_leaf
from .nodes import VARIABLE, NodeType, as_mapping, kind_of
from .paths import Key, Path
from .state import State, merge_state
from .values import MISSING
from .variable import Variable


def update(node: Any, state: Any, /, *states: Any) -> None:
    """Give the leaves of `node` the values that the states have at their paths.

    Variables keep their identity and type; from a Variable in the state they take value and metadata, from a plain
    value the value only. Several states act as their `merge_state`.

    Raises:
        ValueError: a path does not exist in `node`, leads to a static attribute or into an immutable container, or
            has a leaf where `node` has a node or the other way round. Nothing is changed then.
        TypeError: `node` can not be updated.
        TraceContextError: `node` belongs to another trace.
    """
    kind = kind_of(node)
    writes = _Writes()
    if kind is VARIABLE:
        given = [s for s in (state, *states) if not is_empty_branch(s)]
        if len(given) > 1:
            raise ValueError(f"a Variable takes one value, {len(given)} states are given")
        for value in given:
            writes.add(node, value, ())
    elif isinstance(kind, NodeType) and node is not None:
        mappings = [_mapping(s, ()) for s in (state, *states)]
        _plan(node, kind, mappings[0] if len(mappings) == 1 else merge_state(*mappings).raw_mapping, writes)
    else:
        raise TypeError(f"cannot update a {type(node).__name__}: it is neither a node nor a Variable")
    take_over(writes.variables, writes.values)
    for node_type, target, key, value in writes.leaves:
        node_type.set(target, key, value)


class _Writes:
    """What is to be written: `values` (or Variables that have them) into `variables`, and leaves into nodes."""

    __slots__ = ("leaves", "values", "variables")

    def __init__(self) -> None:
        self.variables: list[Variable[Any]] = []
        self.values: list[Any] = []
        self.leaves: list[tuple[NodeType, Any, Key, Any]] = []

    def add(self, variable: Variable[Any], new: Any, path: Path) -> None:
        """Note a Variable, unless what it shall take is a sub-state."""
        mapping = as_mapping(new)
        if mapping is not None and (as_mapping(variable.get_raw_value()) is None or holds_variable(mapping)):
            raise ValueError(f"cannot update: {path!r} is a {type(variable).__name__}, the state has a sub-state there")
        self.variables.append(variable)
        self.values.append(mapping if isinstance(new, State) else new)


class _Open:
    """A node that is being updated, the entries for it, and the nearest graph node that it belongs to."""

    __slots__ = ("children", "entries", "flag", "flags", "key", "kind", "node", "owner")

    def __init__(
        self, node: Any, kind: NodeType, key: Key, entries: Mapping[Key, Any], owner: Any, flag: bool | None
    ) -> None:
        self.node = node
        self.kind = kind
        self.key = key
        self.owner, self.flag = (node, None) if kind.identity else (owner, flag)
        self.entries: Iterator[tuple[Key, Any]] = iter(entries.items())
        self.children, self.flags = kind.by_key(node)


def _plan(root: Any, root_kind: NodeType, mapping: Mapping[Key, Any], writes: _Writes) -> None:
    """Note what is to be written, in the order of the mapping; all checks but that of the trace are made on the way."""
    note_variable, note_value = writes.variables.append, writes.values.append  # looked up once
    stack = [_Open(root, root_kind, None, mapping, None, None)]
    while stack:
        top = stack[-1]
        children, flags = top.children, top.flags
        for key, new in top.entries:
            old = children.get(key, MISSING)
            flag = flags.get(key, top.flag)
            if isinstance(old, Variable) and isinstance(new, Variable) and flag is not False:
                note_variable(old)  # nearly always; the rest is for everything else
                note_value(new)
                continue
            kind = kind_of(old)
            entries = as_mapping(new)
            if entries is not None and isinstance(kind, NodeType) and flag is not False:
                stack.append(_Open(old, kind, key, entries, top.owner, flag))
                break
            if is_empty_branch(new) and not (kind is VARIABLE and as_mapping(old.get_raw_value()) is not None):
                continue
            path = (*[opened.key for opened in stack[1:]], key)
            if old is MISSING:
                raise ValueError(f"cannot update: there is nothing at {path!r}")
            if flag is False:
                raise ValueError(f"cannot update: the attribute at {path!r} is static")
            if kind is VARIABLE:
                writes.add(old, new, path)
            elif isinstance(kind, NodeType):
                _mapping(new, path)  # refuses
            else:
                _check_leaf_write(top, old, new, is_leaf(kind, old, flag), path)
                writes.leaves.append((top.kind, top.node, key, new))
        else:
            stack.pop()


def _check_leaf_write(top: _Open, old: Any, new: Any, is_leaf: bool, path: Path) -> None:
    if not is_leaf:
        raise ValueError(f"cannot update: the value at {path!r} is static")
    if isinstance(new, Variable):
        raise ValueError(
            f"cannot update: {path!r} is a plain {type(old).__name__}, the state has a {type(new).__name__}"
        )
    if isinstance(new, State) or as_mapping(new) is not None:
        raise ValueError(f"cannot update: {path!r} is a leaf, the state has a sub-state there")
    if not top.kind.mutable:
        raise ValueError(f"cannot update: {path!r} is in an immutable {type(top.node).__name__}")
    owner_kind = kind_of(top.owner)
    if isinstance(owner_kind, NodeType):
        owner_kind.check_writable(top.owner)


def _mapping(value: Any, path: Path) -> Mapping[Key, Any]:
    mapping = as_mapping(value)
    if mapping is None:
        raise ValueError(
            f"cannot update: there is a node at {path!r}, the state has a leaf of type {type(value).__name__}"
        )
    return mapping
