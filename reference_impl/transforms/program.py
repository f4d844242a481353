"""A graph as a table of objects: what every lifted transform takes apart, and puts together again.

Objects with identity (graph nodes and Variables) get numbers. Each has one *record* that says what the object itself
holds: plain containers are written out, other objects appear as `Ref(number)`, arrays are leaves. The records together
are a `Program`, which is static and takes part in jax's caches; the leaves are what jax transforms.

The same form serves both directions. Going in, all objects are new and `rebuild` makes copies. Coming back, the first
numbers are the objects of the caller: a record that is only `Ref(its own number)` says that the object is as it was,
any other one says what it holds now, and `rebuild` writes that into the caller's own object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax

from ..clone import copy_static
from ..flatten import Children, is_leaf, open_node, scan
from ..graphdef import LEAF, Def, GraphDef, NodeDef, Ref, StaticDef, VariableDef, structure_key
from ..nodes import VARIABLE, NodeType, Parts, has_identity, kind_of, kind_of_type
from ..paths import Key, Path
from ..values import copy_containers
from ..variable import Variable


class Record(NamedTuple):
    """What one object holds. `keys` are the places of the leaves in it, `refs` those of other objects."""

    defs: tuple[Def, ...]
    leaves: list[Any]
    keys: list[Path]
    refs: list[tuple[Path, Any]]


class Table:
    """Objects with identity by number, in the order in which they were met."""

    def __init__(self, objects: Iterable[Any] = ()) -> None:
        self.objects = list(objects)
        self.numbers = {id(x): number for number, x in enumerate(self.objects)}

    def number(self, x: Any) -> int:
        """The number of an object, a new one if it was not met before."""
        number = self.numbers.setdefault(id(x), len(self.objects))
        if number == len(self.objects):
            self.objects.append(x)
        return number

    def record(self, x: Any, *, of_object: bool = True) -> Record:
        """What `x` holds; it is an object, or (`of_object=False`) any tree of plain containers around objects.

        Raises:
            TypeError: the keys of a dict cannot be sorted.
            ValueError: a plain container contains itself.
        """
        if of_object and isinstance(x, Variable):
            return Record((VariableDef(type(x), x.get_metadata()),), [x.get_raw_value()], [()], [])
        record = Record((), [], [], [])
        defs: list[Def] = []
        path: list[Key] = []
        stack: list[tuple[Children, Any]] = []
        marks: set[int] = set()
        children: Children = iter([(None, x, True)])
        while True:
            for key, value, flag in children:
                kind = kind_of(value)
                if flag is False:
                    defs.append(StaticDef(value))
                elif has_identity(kind) and (stack or not of_object):
                    defs.append(Ref(self.number(value)))
                    record.refs.append(((*path[1:], key) if stack else (), value))
                elif isinstance(kind, NodeType):
                    nodedef, values = kind.take_apart(value)
                    defs.append(nodedef)
                    stack.append((children, value))
                    path.append(key)
                    children = open_node(value, kind, nodedef, values, flag, marks)
                    break
                elif is_leaf(kind, value, flag):
                    defs.append(LEAF)
                    record.leaves.append(value)
                    record.keys.append((*path[1:], key) if stack else ())
                else:
                    defs.append(StaticDef(value))
            else:
                if not stack:
                    return record._replace(defs=tuple(defs))
                children, value = stack.pop()
                marks.discard(id(value))
                path.pop()

    def records(self, root: Any) -> Iterator[Record]:
        """The record of the root, then that of each object, those that are met on the way included."""
        yield self.record(root, of_object=False)
        number = 0
        while number < len(self.objects):
            yield self.record(self.objects[number])
            number += 1


class Program:
    """The definitions of all records, the root's first. Two are equal if the structures are, by value and type."""

    __slots__ = ("_all", "records")

    def __init__(self, records: Iterable[tuple[Def, ...]]) -> None:
        self.records = tuple(records)
        self._all: GraphDef[Any] = GraphDef(tuple(d for defs in self.records for d in defs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)

    def __repr__(self) -> str:
        return f"a graph of {len(self.records) - 1} objects"


jax.tree_util.register_static(Program)


def describe(program: Program, number: int, key: Key = None) -> str:
    """For messages: an object (-1 is the root) by its class and the first path that leads to it, then a key in it."""
    paths: dict[int, Path] = {-1: ()}
    for holder, defs in enumerate(program.records, -1):
        path: list[Key] = []
        for d, name in scan(defs):
            if d is None:
                path.pop()
            elif isinstance(d, NodeDef):
                path.append(name)
            elif isinstance(d, Ref) and holder in paths:
                paths.setdefault(d.number, (*paths[holder], *path[1:], name))
    if number < 0:
        return "the value returned"
    head = program.records[number + 1][0]
    name = head.type.__name__ if isinstance(head, NodeDef | VariableDef) else "object"
    return f"the {name} in {place(paths.get(number, ()))}" + ("" if key is None else f", at {key!r} in it")


def place(path: Path) -> str:
    """A path in words: arguments are at `(0, i, ...)`, keyword ones at `(1, name, ...)`, outputs at `("out", ...)`."""
    if path[:1] == ("out",):
        return f"the output at {path[1:]!r}" if path[1:] else "the output"
    if len(path) > 1:
        return f"argument {path[1]!r}" + (f" at {path[2:]!r}" if path[2:] else "")
    return "the arguments"


def first_difference(
    left: Sequence[Def], right: Sequence[Def], program: Program | None = None
) -> tuple[Key, str, str] | None:
    """The first place where two records differ, and what they have there, in words; `program` names the objects."""
    for (a, key), (b, _) in zip(scan(left), scan(right), strict=False):
        if (a is None) != (b is None) or (
            a is not None and b is not None and structure_key((a,)) != structure_key((b,))
        ):
            return key, _words(a, program), _words(b, program)
    return None


def type_difference(
    program: Program,
    before: Sequence[Any],
    after: Sequence[Any],
    *,
    among: Sequence[bool] = (),
    named_by: Program | None = None,
) -> tuple[str, str, str] | None:
    """The first leaf that has another shape or dtype than before, and both of these, in words.

    jax would say so with a number for a name. Weak types, which it promotes, and what is no array are left to it.

    Args:
        program: the structure of both.
        before: the leaves.
        after: the other leaves.
        among: which of them are meant.
        named_by: the program that names its objects, if it is another one.
    """
    places = (
        (holder, key)
        for holder, defs in enumerate(program.records, -1)
        for d, key in scan(defs)
        if d is LEAF or isinstance(d, VariableDef)
    )
    for index, ((holder, key), old, new) in enumerate(zip(places, before, after, strict=True)):
        if (among and not among[index]) or not (isinstance(old, _TYPED) and isinstance(new, _TYPED)):
            continue
        weak = getattr(old, "weak_type", False) or getattr(new, "weak_type", False)
        if old.shape != new.shape or (old.dtype != new.dtype and not weak):
            names = named_by if named_by is not None and holder < len(named_by.records) - 1 else program
            return describe(names, holder, key), _type(old), _type(new)
    return None


_TYPED = (jax.Array, jax.ShapeDtypeStruct)


def _type(x: Any) -> str:
    return f"{x.dtype}[{','.join(map(str, x.shape))}]"


def _words(d: Def | None, program: Program | None = None) -> str:
    if isinstance(d, Ref) and program is not None:
        return describe(program, d.number) if d.number < len(program.records) - 1 else "a new object"
    if isinstance(d, NodeDef) and d.type is type(None):
        return "None"
    if isinstance(d, NodeDef):
        return f"a {d.type.__name__} with {list(d.keys)}"
    if isinstance(d, StaticDef):
        return f"the static value {d.value!r}"
    if isinstance(d, VariableDef):
        return f"a {d.type.__name__} with the metadata {d.metadata!r}"
    return "another object" if isinstance(d, Ref) else "an array"


def is_kept(record: Sequence[Def], number: int) -> bool:
    """Whether a record says that the object with this number is as it was."""
    return len(record) == 1 and record[0] == Ref(number)


def rebuild(program: Program, leaves: Iterable[Any], objects: Iterable[Any] = ()) -> tuple[Any, list[Any]]:
    """Make the objects of a program, and write into those that exist.

    Args:
        program: the structure.
        leaves: the leaves of all records, in order.
        objects: the objects that exist, which have the first numbers.

    Returns:
        The root and all objects by number.

    Raises:
        TraceContextError: an object that exists belongs to another trace; nothing is written then.
    """
    table = list(objects)
    known = len(table)
    root_defs, *records = program.records
    for number, (x, defs) in enumerate(zip(table, records, strict=False)):
        if not is_kept(defs, number):
            check_writable(x)
    for defs in records[known:]:
        table.append(_create(defs[0]))
    rest = iter(leaves)
    root = build(root_defs, rest, table)
    for number, (x, defs) in enumerate(zip(table, records, strict=True)):
        if number < known and is_kept(defs, number):
            continue
        if isinstance(defs[0], VariableDef):
            x.set_raw_value(next(rest))
            if x.get_metadata() or defs[0].metadata:
                x.set_metadata(copy_containers(defs[0].metadata))
        else:
            _refill(x, build(defs, rest, table))
    return root, table


def check_writable(x: Any) -> None:
    """Raise TraceContextError if the object `x` belongs to another trace."""
    kind = kind_of(x)
    if kind is VARIABLE:
        x._trace_state.check(x)
    elif isinstance(kind, NodeType):
        kind.check_writable(x)


def _create(head: Def) -> Any:
    if isinstance(head, VariableDef):
        return head.type.from_metadata(None, {})
    assert isinstance(head, NodeDef)
    kind = kind_of_type(head.type)
    assert isinstance(kind, NodeType)
    return kind.create(head.type)


def build(defs: Sequence[Def], leaves: Iterator[Any], table: Sequence[Any]) -> Any:
    """The value that one record describes, around the objects in `table`; for a graph node its `Parts`."""
    opened: list[tuple[NodeDef, list[Any], int]] = []
    values: list[Any] = []  # those of the innermost open node, which is complete when there are `count`
    count = 1
    for d in defs:
        if isinstance(d, NodeDef):
            opened.append((d, values, count))
            values, count = [], len(d.keys)
        elif isinstance(d, Ref):
            values.append(table[d.number])
        elif isinstance(d, StaticDef):
            values.append(copy_static(d).value)  # type: ignore[union-attr]  # a StaticDef stays one
        else:
            values.append(next(leaves))
        while len(values) == count and opened:
            nodedef, outer, count = opened.pop()
            kind = kind_of_type(nodedef.type)
            assert isinstance(kind, NodeType)
            aux = None if nodedef.aux is None else copy_static(nodedef).aux  # type: ignore[union-attr]  # see above
            parts = Parts(nodedef.keys, values, nodedef.flags, aux)
            values = outer
            values.append(parts if kind.identity else kind.build(nodedef.type, parts))
    return values[0]


def _refill(node: Any, parts: Parts) -> None:
    """Let a graph node hold exactly these children; those that remain keep their order."""
    kind = kind_of(node)
    assert isinstance(kind, NodeType)
    kind.remove(node, set(kind.flatten(node).keys) - set(parts.keys))
    kind.fill(node, parts)
