"""Taking a graph apart into a program and leaves, and collecting the leaves of such a program out of states.

`flatten` walks the graph; the other functions walk the program that it wrote. All are loops over an explicit stack, so
the depth of a graph is not bounded by the interpreter's. `recipe` puts a graph together again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .graphdef import LEAF, Def, NodeDef, Ref, StaticDef, VariableDef
from .nodes import ARRAY, VARIABLE, Kind, NodeType, Parts, as_mapping, kind_of, known_kind
from .paths import Key, Path
from .state import iter_leaves
from .status import is_registered_data
from .variable import Variable


class Flat(NamedTuple):
    """A graph taken apart.

    `leaves` are in canonical order, and so are `paths` where they were asked for. `nested` are the leaves as nested
    dicts, without empty branches; the leaf itself if the root is one. `statics` are the positions of the definitions
    that hold values, which may have to be checked or copied.
    """

    defs: tuple[Def, ...]
    leaves: list[Any]
    paths: list[Path]
    nested: Any
    statics: list[int]


Children = Iterator[tuple[Key, Any, bool | None]]


def open_node(
    node: Any, kind: NodeType, parts: Parts | NodeDef, values: Sequence[Any], flag: bool | None, marks: set[int]
) -> Children:
    """The children of a node that is about to be visited, each with its key and its flag, as in `Parts`.

    Args:
        node: the node.
        kind: its kind.
        parts: the node taken apart: the keys and flags of its children.
        values: the children.
        flag: its own; what holds for a plain container holds for its content.
        marks: the ids of the plain containers that are open; who closes one takes it out. Graph nodes need no mark,
            since they are known when they are met again.

    Raises:
        ValueError: a plain container contains itself.
    """
    if kind.identity:
        flag = None
    elif id(node) in marks:
        raise ValueError(f"a {type(node).__name__} contains itself; only graph nodes may form cycles")
    else:
        marks.add(id(node))
    return zip(parts.keys, values, parts.flags or (flag,) * len(values))  # noqa: B905  # twice as fast; it is Parts


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
        return Flat((LEAF,), [None], [()], None, [])
    defs: list[Def] = []
    leaves: list[Any] = []
    paths: list[Path] = []
    numbers: dict[int, int] = {}
    alive: list[Any] = []  # pytrees may make their children on the fly, and an id must not be used again
    bare: dict[type, VariableDef] = {}  # Variables of one type without metadata share a definition
    path: list[Key] = []  # of the open node
    nested: dict[Key, Any] = {}
    statics: list[int] = []
    branch = nested  # where the leaves of the open node go
    stack: list[tuple[Children, Any, Key, dict[Key, Any]]] = []  # the open nodes, and what is to go on beside each
    marks: set[int] = set()
    children: Children = iter([(None, root, None if isinstance(kind_of(root), NodeType) else True)])
    while True:
        for key, value, flag in children:
            kind = known_kind(type(value)) or kind_of(value)
            if flag is False:
                statics.append(len(defs))
                defs.append(StaticDef(value))
                continue
            elif kind is VARIABLE and id(value) in numbers:
                defs.append(Ref(numbers[id(value)]))
                continue
            elif kind is VARIABLE:
                numbers[id(value)] = len(alive)
                alive.append(value)
                cls, metadata = type(value), value._metadata
                if metadata:
                    defs.append(VariableDef(cls, dict(metadata)))
                else:
                    defs.append(bare.get(cls) or bare.setdefault(cls, VariableDef(cls, {})))
            elif isinstance(kind, NodeType):
                number = numbers.setdefault(id(value), len(alive)) if kind.identity else len(alive)
                if number < len(alive):
                    defs.append(Ref(number))
                    continue
                if kind.identity:
                    alive.append(value)
                nodedef, values = kind.take_apart(value)
                if nodedef.aux is not None:
                    statics.append(len(defs))
                defs.append(nodedef)
                if stack:
                    path.append(key)
                stack.append((children, value, key, branch))
                children = open_node(value, kind, nodedef, values, flag, marks)
                branch = {}
                break  # its children come first
            elif is_leaf(kind, value, flag):
                defs.append(LEAF)
            else:
                statics.append(len(defs))
                defs.append(StaticDef(value))
                continue
            leaves.append(value)
            branch[key] = value
            if with_paths:
                paths.append((*path, key) if stack else ())
        else:
            if not stack:
                return Flat(tuple(defs), leaves, paths, nested.get(None, {}), statics)
            below = branch
            children, value, key, branch = stack.pop()
            marks.discard(id(value))
            if path:
                path.pop()
            if below:
                branch[key] = below


def scan(defs: Sequence[Def]) -> Iterator[tuple[Def | None, Key]]:
    """Each definition with its key in the node that it belongs to; None stands for the end of a node."""
    opened: list[tuple[Key, Iterator[Key], int]] = []  # the key of each open node, and what is to come beside it
    keys: Iterator[Key] = iter((None,))
    left = 1
    for d in defs:
        key = next(keys)
        left -= 1
        yield d, key
        if type(d) is NodeDef:
            opened.append((key, keys, left))
            keys, left = iter(d.keys), len(d.keys)
        while not left and opened:
            key, keys, left = opened.pop()
            yield None, key


def collect_leaves(defs: Sequence[Def], states: Sequence[Any]) -> list[Any]:
    """The leaves of nested mappings in the order of the program, which decides where a leaf ends.

    Raises:
        ValueError: the paths of the states together are not those of the program, each once.
    """
    leaves: list[Any] = []
    path: list[Key] = []
    opened: list[_Branches] = []
    branches = _Branches([{None: state} for state in states], (None,))
    for d in defs:
        while (key := next(branches.keys, _END)) is _END:
            branches.check_all_used(path)
            branches = opened.pop()
            path.pop()
        if isinstance(d, (StaticDef, Ref)):
            continue
        found = branches.take(key)
        if isinstance(d, NodeDef):
            path.append(key)
            opened.append(branches)
            branches = _Branches([_branch(value, path) for value in found], d.keys)
            continue
        if len(found) > 1:
            found = [value for value in found if not is_empty_branch(value)]
        if len(found) != 1:
            reason = "is missing" if not found else "is given more than once"
            raise ValueError(f"cannot merge: the leaf at {(*path[1:], key)!r} {reason} in the states")
        if as_mapping(found[0]) is not None and (d is LEAF or holds_variable(found[0])):
            raise ValueError(f"cannot merge: the GraphDef has a leaf at {(*path[1:], key)!r}, the states a sub-state")
        leaves.append(found[0])
    while opened:
        branches.check_all_used(path)
        branches = opened.pop()
        path.pop()
    return leaves


def holds_variable(mapping: Any) -> bool:
    """Whether a mapping is a sub-state rather than the value of a Variable: it holds Variables."""
    return any(isinstance(leaf, Variable) for _, leaf in iter_leaves(mapping))


_END = object()


class _Branches:
    """What several states have for one node: their mappings, the keys that are to come, and those that were used."""

    __slots__ = ("keys", "mappings", "used")

    def __init__(self, mappings: list[Any], keys: tuple[Key, ...]) -> None:
        self.keys = iter(keys)
        self.mappings = mappings
        self.used: set[Key] = set()

    def take(self, key: Key) -> list[Any]:
        self.used.add(key)
        return [mapping[key] for mapping in self.mappings if key in mapping]

    def check_all_used(self, path: list[Key]) -> None:
        for mapping in self.mappings:
            if self.used.issuperset(mapping):
                continue
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
