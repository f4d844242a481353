"""Taking a graph apart into a program and leaves, and putting it together again.

`flatten` walks the graph; the other functions walk the program that it wrote, with `scan`. All are loops over an
explicit stack, so the depth of a graph is not bounded by the interpreter's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .graphdef import LEAF, Def, NodeDef, Ref, StaticDef, VariableDef
from .nodes import ARRAY, VARIABLE, Kind, NodeType, Parts, as_mapping, kind_of, kind_of_type
from .paths import Key, Path
from .state import iter_leaves
from .status import is_registered_data
from .variable import Variable


class Flat(NamedTuple):
    """A graph taken apart. `leaves` are in canonical order, and so are `paths` where they were asked for."""

    defs: tuple[Def, ...]
    leaves: list[Any]
    paths: list[Path]


class Open:
    """A node whose children are being visited: an iterator over (key, child, flag)."""

    __slots__ = ("children", "marks", "node")

    def __init__(self, node: Any, parts: Parts, flag: bool | None, marks: set[int]) -> None:
        flags = parts.flags or (flag,) * len(parts.keys)
        self.children = zip(parts.keys, parts.values, flags, strict=True)
        self.node = node
        self.marks = marks
        if id(node) in marks:
            raise ValueError(f"a {type(node).__name__} contains itself; only graph nodes may form cycles")
        marks.add(id(node))

    def close(self) -> None:
        """The node is done; it may be met again elsewhere."""
        self.marks.discard(id(self.node))


def is_leaf(kind: Kind, value: Any, flag: bool | None) -> bool:
    """Whether a value that is neither node nor Variable is a leaf; else it is static. `flag` is as in `Parts`."""
    return kind is ARRAY or is_registered_data(value) if flag is None else flag


def flatten(root: Any, *, with_paths: bool = False) -> Flat:
    """Take the graph at `root` apart. A root that is no node is a leaf, and so is None.

    A plain container inside an attribute that was marked as data is data throughout; elsewhere (in an object without
    statuses, or as the root) what looks like data is.

    Raises:
        TypeError: the keys of a dict cannot be sorted.
        ValueError: a plain container contains itself.
    """
    if root is None:
        return Flat((LEAF,), [None], [()])
    defs: list[Def] = []
    leaves: list[Any] = []
    paths: list[Path] = []
    numbers: dict[int, int] = {}
    alive: list[Any] = []  # pytrees may make their children on the fly, and an id must not be used again
    path: list[Key] = []
    stack: list[Open] = []
    marks: set[int] = set()
    key: Key = None
    value: Any = root
    flag: bool | None = None if isinstance(kind_of(root), NodeType) else True
    while True:
        kind = kind_of(value)
        if flag is False:
            defs.append(StaticDef(value))
        elif isinstance(kind, NodeType):
            number = numbers.setdefault(id(value), len(alive)) if kind.identity else len(alive)
            if number < len(alive):
                defs.append(Ref(number))
            else:
                if kind.identity:
                    alive.append(value)
                parts = kind.flatten(value)
                defs.append(NodeDef(type(value), parts.keys, parts.flags, parts.aux))
                stack.append(Open(value, parts, None if kind.identity else flag, marks))
                path.append(key)
        elif kind is VARIABLE and id(value) in numbers:
            defs.append(Ref(numbers[id(value)]))
        elif kind is VARIABLE or is_leaf(kind, value, flag):
            if kind is VARIABLE:
                numbers[id(value)] = len(alive)
                alive.append(value)
                defs.append(VariableDef(type(value), value.get_metadata()))
            else:
                defs.append(LEAF)
            leaves.append(value)
            if with_paths:
                paths.append((*path[1:], key) if stack else ())
        else:
            defs.append(StaticDef(value))
        while stack:
            child = next(stack[-1].children, None)
            if child is not None:
                key, value, flag = child
                break
            stack.pop().close()
            path.pop()
        else:
            return Flat(tuple(defs), leaves, paths)


_NO_KEY = object()


def scan(defs: Sequence[Def]) -> Iterator[tuple[Def | None, Key]]:
    """Each definition with its key in the node that it belongs to; None stands for the end of a node."""
    opened: list[tuple[Key, Iterator[Key]]] = []
    key: Key = None
    for d in defs:
        yield d, key
        if type(d) is NodeDef:
            opened.append((key, iter(d.keys)))
        while opened:
            key = next(opened[-1][1], _NO_KEY)
            if key is not _NO_KEY:
                break
            yield None, opened.pop()[0]


def unflatten(defs: Sequence[Def], leaves: Iterable[Any], *, wrap: bool = True) -> Any:
    """Put a graph together; the inverse of `flatten`.

    Args:
        defs: the program.
        leaves: one for each VariableDef and LEAF.
        wrap: make a Variable of the recorded type and metadata from a plain value that stands for a Variable.
    """
    rest = iter(leaves)
    known: list[Any] = []
    opened: list[tuple[NodeDef, NodeType, Any, list[Any]]] = []
    values: list[Any] = []
    for d, _ in scan(defs):
        if d is None:
            nodedef, node_type, value, outer = opened.pop()
            parts = Parts(nodedef.keys, values, nodedef.flags, nodedef.aux)
            if node_type.identity:
                node_type.fill(value, parts)
            else:
                value = node_type.build(nodedef.type, parts)
            values = outer
        elif isinstance(d, NodeDef):
            kind = kind_of_type(d.type)
            assert isinstance(kind, NodeType)
            node = kind.create(d.type) if kind.identity else None
            if kind.identity:
                known.append(node)
            opened.append((d, kind, node, values))
            values = []
            continue
        elif isinstance(d, VariableDef):
            value = next(rest)
            if wrap and not isinstance(value, Variable):
                value = d.type.from_metadata(value, d.metadata)
            known.append(value)
        elif isinstance(d, StaticDef):
            value = d.value
        elif isinstance(d, Ref):
            value = known[d.number]
        else:
            value = next(rest)
        values.append(value)
    return values[0]


def nest_leaves(defs: Sequence[Def], leaves: Iterable[Any]) -> dict[Key, Any]:
    """The leaves as nested dicts, without empty branches. The root must be a node."""
    rest = iter(leaves)
    opened: list[dict[Key, Any]] = [{}]
    for d, key in scan(defs):
        if d is None:
            branch = opened.pop()
            if branch:
                opened[-1][key] = branch
        elif isinstance(d, NodeDef):
            opened.append({})
        elif d is LEAF or isinstance(d, VariableDef):
            opened[-1][key] = next(rest)
    nested: dict[Key, Any] = opened[0].get(None, {})
    return nested


def collect_leaves(defs: Sequence[Def], states: Sequence[Any]) -> list[Any]:
    """The leaves of nested mappings in the order of the program, which decides where a leaf ends.

    Raises:
        ValueError: the paths of the states together are not those of the program, each once.
    """
    leaves: list[Any] = []
    path: list[Key] = []
    opened: list[_Branches] = [_Branches([{None: state} for state in states])]
    for d, key in scan(defs):
        if d is None:
            opened.pop().check_all_used(path)
            path.pop()
            continue
        if isinstance(d, (StaticDef, Ref)):
            continue
        found = opened[-1].take(key)
        if isinstance(d, NodeDef):
            path.append(key)
            opened.append(_Branches([_branch(value, path) for value in found]))
            continue
        if len(found) > 1:
            found = [value for value in found if not is_empty_branch(value)]
        if len(found) != 1:
            reason = "is missing" if not found else "is given more than once"
            raise ValueError(f"cannot merge: the leaf at {(*path[1:], key)!r} {reason} in the states")
        if as_mapping(found[0]) is not None and (d is LEAF or holds_variable(found[0])):
            raise ValueError(f"cannot merge: the GraphDef has a leaf at {(*path[1:], key)!r}, the states a sub-state")
        leaves.append(found[0])
    return leaves


def holds_variable(mapping: Any) -> bool:
    """Whether a mapping is a sub-state rather than the value of a Variable: it holds Variables."""
    return any(isinstance(leaf, Variable) for _, leaf in iter_leaves(mapping))


class _Branches:
    """The mappings that several states have at one place, and how many of their entries were used."""

    __slots__ = ("mappings", "used")

    def __init__(self, mappings: list[Any]) -> None:
        self.mappings = mappings
        self.used: set[Key] = set()

    def take(self, key: Key) -> list[Any]:
        self.used.add(key)
        return [mapping[key] for mapping in self.mappings if key in mapping]

    def check_all_used(self, path: list[Key]) -> None:
        for mapping in self.mappings:
            for key in mapping:
                if key not in self.used and not is_empty_branch(mapping[key]):
                    raise ValueError(f"cannot merge: the GraphDef has no leaf at or below {(*path[1:], key)!r}")


def _branch(value: Any, path: list[Key]) -> Any:
    mapping = as_mapping(value)
    if mapping is None:
        raise ValueError(
            f"cannot merge: the GraphDef has a node at {tuple(path[1:])!r}, the state a {type(value).__name__}"
        )
    return mapping


def is_empty_branch(value: Any) -> bool:
    """Whether a value in a state is a mapping without any leaf."""
    mapping = as_mapping(value)
    return mapping is not None and next(iter_leaves(mapping), None) is None
