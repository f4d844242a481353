"""The one mechanism of all lifted transforms.

A lifted transform calls `pack` on the arguments, hands the groups of leaves to jax, and in the function that jax
traces calls `enter`, the user's function, and `leave`; what jax gives back goes to `unpack`:

    call, groups, objects = pack(args, kwargs, axes)            # the caller's objects taken apart
    def traced(groups):
        inside = enter(call, groups, axes)                      # copies of the objects, of this trace
        return inside.leave(f(*inside.args, **inside.kwargs))   # what has changed, and the output
    result, groups = jax.some_transform(traced, ...)(groups)
    return unpack(result, groups, objects)                      # the changes written into the caller's objects

`call` and `result` are static, so they travel in tree structures, and jax's caches compare them. Nothing of the caller
is written before `unpack`, and that writes all or nothing, so a call that fails leaves everything as it was. Leaves
are dealt into groups by axis (or sharding, or role), since jax wants axes per group before it knows what comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from ..graphdef import LEAF, Ref, structure_key
from ..tracers import TraceContextError
from .prefixes import Assignment, LeafKey, expand, specs_in
from .program import Program, Record, Table, build, check_writable, describe, is_kept, place, rebuild

Groups = list[list[Any]]


class Axes:
    """The prefixes of a transform: for the arguments, for keyword arguments, and for the output.

    `values` are the axes that can occur, one for each group of leaves.
    """

    def __init__(self, args: Any, out: Any = None, kwargs: Any = None, values: Sequence[Any] = ()) -> None:
        self.args = tuple(args) if type(args) is list else args
        self.kwargs = kwargs
        self.out = out
        self.values: list[Any] = list(values)
        for value in () if values else specs_in((self.args, out, kwargs)):
            if not any(_same_axis(value, known) for known in self.values):
                self.values.append(value)

    def group(self, axis: Any) -> int:
        """The number of the group for an axis."""
        return next(i for i, known in enumerate(self.values) if _same_axis(axis, known))


def _same_axis(left: Any, right: Any) -> bool:
    return left is right or (type(left) is type(right) and bool(left == right))


class Call:
    """The static side of arguments or results: the structure, and the group of each leaf."""

    __slots__ = ("_hash", "deal", "program")

    def __init__(self, program: Program, deal: tuple[int, ...]) -> None:
        self.program = program
        self.deal = deal
        self._hash: int | None = None  # jax asks for it in each call

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self.deal == other.deal and self.program == other.program

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.deal, self.program))
        return self._hash

    def __repr__(self) -> str:
        return f"Call({self.program!r}, {len(self.deal)} leaves)"

    def leaves(self, groups: Sequence[Sequence[Any]]) -> list[Any]:
        """The leaves in order, out of their groups."""
        if len(groups) == 1:
            return list(groups[0])
        rest = [iter(group) for group in groups]
        return [next(rest[number]) for number in self.deal]

    def groups(self, leaves: Sequence[Any], count: int) -> Groups:
        """The leaves in groups."""
        groups: Groups = [[] for _ in range(count)]
        for number, leaf in zip(self.deal, leaves, strict=True):
            groups[number].append(leaf)
        return groups


jax.tree_util.register_static(Call)


class Packed(NamedTuple):
    """Arguments taken apart; `objects` are the caller's own, by number."""

    call: Call
    groups: Groups
    objects: list[Any]
    assignment: Assignment | None = None
    keys: list[LeafKey] = []  # of the leaves in their order, where there are axes

    @property
    def leaves(self) -> list[Any]:
        """The leaves in order."""
        return self.call.leaves(self.groups)


def pack(
    args: Sequence[Any], kwargs: Mapping[str, Any], axes: Axes | None = None, table: Table | None = None
) -> Packed:
    """Take the arguments of a call apart.

    Args:
        args: by position.
        kwargs: by name.
        axes: the prefixes, if leaves are to be dealt into groups.
        table: objects that are known already, and get the first numbers.

    Raises:
        ValueError: the prefixes do not fit the arguments, or aliases disagree.
    """
    table = Table() if table is None else table
    records = list(table.records((tuple(args), dict(kwargs))))
    if axes is None:
        return Packed(*deal(table, records, None, None, "args"), table.objects)
    assignment = assign(axes, table, records, args, kwargs)
    packed = Packed(*deal(table, records, assignment, axes, "args"), table.objects, assignment)
    return packed._replace(keys=leaf_keys(table, records, "args"))


def check_ranks(packed: Packed) -> None:
    """Raise ValueError if an array lacks the axis, an int, that its prefix gives it."""
    assert packed.assignment is not None
    for key, leaf in zip(packed.keys, packed.call.leaves(packed.groups), strict=True):
        axis = packed.assignment.axes[key]
        for x in jax.tree.leaves(leaf) if isinstance(axis, int) else ():
            if not -np.ndim(x) <= axis < np.ndim(x):
                site = packed.assignment.sites[key]
                raise ValueError(
                    f"{place(site.top + site.path)} has the shape {np.shape(x)}, and no axis {axis} to map over"
                )


def deal(
    table: Table, records: list[Record], assignment: Assignment | None, axes: Axes | None, root: str
) -> tuple[Call, Groups]:
    """Write the records into a program, and their leaves into groups."""
    leaves = [leaf for record in records for leaf in record.leaves]
    program = Program(record.defs for record in records)
    if assignment is None or axes is None:
        return Call(program, (0,) * len(leaves)), [leaves]
    axis_of = assignment.axes
    call = Call(program, tuple(axes.group(axis_of[key]) for key in leaf_keys(table, records, root)))
    return call, call.groups(leaves, len(axes.values))


def leaf_keys(table: Table, records: list[Record], root: str) -> list[LeafKey]:
    """The keys of all leaves in order."""
    owners = [root, *map(id, table.objects)]
    return [(owner, keys) for owner, record in zip(owners, records, strict=True) for keys in record.keys]


def assign(axes: Axes, table: Table, records: list[Record], args: Sequence[Any], kwargs: Any) -> Assignment:
    """The axes of all leaves of the arguments."""
    specs = expand(axes.args, tuple(args), (0,)) | expand(axes.kwargs, kwargs, (1,))
    assignment = Assignment()
    assignment.add_root("args", records[0], specs, lambda x: records[table.numbers[id(x)] + 1])
    return assignment


def enter(call: Call, groups: Sequence[Sequence[Any]], axes: Axes | None = None) -> Inside:
    """Put copies of the arguments together, which belong to the present trace."""
    return Inside(call, call.leaves(groups), axes)


class Inside:
    """The arguments as the user's function sees them, and how they were before it ran."""

    def __init__(self, call: Call, leaves: list[Any], axes: Axes | None) -> None:
        self.program = call.program
        self.leaves = leaves
        plain = sum(1 for d in call.program.records[0] if d is LEAF)
        own = leaves[:plain] + [own_value(leaf) for leaf in leaves[plain:]]
        (self.args, self.kwargs), self.objects = rebuild(call.program, own)
        # the same arguments in other plain containers, which the user's function cannot change
        self.untouched: tuple[Any, ...] = build(call.program.records[0], iter(own), self.objects)[0]
        self.axes = axes
        self.left: list[LeafKey] = []  # the leaves that `leave` gave back
        self.table = Table(self.objects)
        records = list(self.table.records((self.args, self.kwargs)))
        self.entered = leaf_keys(self.table, records, "args")
        self.before = [Snapshot(record) for record in records[1:]]
        self.assignment = None if axes is None else assign(axes, self.table, records, self.args, self.kwargs)

    def look(self, out: Any) -> tuple[Table, list[Record]]:
        """The records after the user's function has run; objects that are as they were have `Ref(number)`.

        Raises:
            ValueError: the output, or an argument, holds an object that was captured.
        """
        table = Table(self.objects)
        records: list[Record] = []
        seen: list[Record] = []
        for number, record in enumerate(table.records(out), -1):
            seen.append(record)
            if 0 <= number < len(self.before) and self.before[number].equals(record):
                record = Record((Ref(number),), [], [], [])
            elif number >= len(self.before):
                _check_own(table.objects[number], lambda x: self._where(x, seen, table))
            records.append(record)
        return table, records

    def _where(self, x: Any, seen: list[Record], table: Table) -> str:
        """For messages: the first place at which an object was seen."""
        for number, record in enumerate(seen, -1):
            for keys, held in record.refs:
                if held is not x:
                    continue
                if number < 0:
                    return place(("out", *keys))
                if number < len(self.before):
                    return f"{describe(self.program, number)}, at {keys[-1]!r} in it"
                return f"{self._where(table.objects[number], seen, table)}, at {keys[-1]!r} in that"
        return "the output"

    def leave(self, out: Any, *, always: Callable[[int], bool] | None = None) -> tuple[Call, Groups]:
        """Take apart the output and all that the user's function has changed.

        Args:
            out: what the function returned.
            always: says of which objects, by number, all leaves come back although they did not change.
        """
        table, records = self.look(out)
        axes, assignment = self.axes, self.assignment
        after = [records[0], *map(table.record, table.objects)]
        back = [0, *(n + 1 for n in range(len(self.objects)) if always is not None and always(n))]
        if axes is None or assignment is None:
            for number in back:
                records[number] = after[number]
            return deal(table, records, None, None, "out")
        assignment.follow(
            [(x, assignment.homes[id(x)]) for x in self.objects], lambda x: after[table.numbers[id(x)] + 1]
        )
        specs = expand(axes.out, out, ("out",))
        assignment.add_root("out", records[0], specs, lambda x: after[table.numbers[id(x)] + 1])
        for number in back:
            records[number] = after[number]
        self.left = leaf_keys(table, records, "out")
        return deal(table, records, assignment, axes, "out")

    def leave_all(self, out: Any) -> tuple[Program, list[Any], tuple[bool, ...]]:
        """All records and leaves, and for each argument object whether it is as it was."""
        table, records = self.look(out)
        kept = tuple(is_kept(record.defs, number) for number, record in enumerate(records[1 : len(self.objects) + 1]))
        after = [records[0], *map(table.record, table.objects)]
        leaves = [leaf for record in after for leaf in record.leaves]
        return Program(record.defs for record in after), leaves, kept


def unpack(result: Call, groups: Sequence[Sequence[Any]], objects: Sequence[Any]) -> Any:
    """Write what has changed into the caller's objects, and give back the output.

    Raises:
        TraceContextError: an object that has changed belongs to another trace; nothing is written then.
    """
    return rebuild(result.program, result.leaves(groups), objects)[0]


class Snapshot:
    """What an object held: its definitions and the very leaves."""

    __slots__ = ("key", "leaves")

    def __init__(self, record: Record) -> None:
        self.key = structure_key(record.defs)
        self.leaves = [jax.tree.flatten(leaf) for leaf in record.leaves]

    def equals(self, record: Record) -> bool:
        """Whether the object holds the same now."""
        return (
            len(record.leaves) == len(self.leaves)
            and all(map(_is_same, self.leaves, record.leaves))
            and bool(self.key == structure_key(record.defs))
        )


def _is_same(before: tuple[list[Any], Any], value: Any) -> bool:
    leaves, treedef = jax.tree.flatten(value)
    return treedef == before[1] and all(map(_is, leaves, before[0]))


def _is(left: Any, right: Any) -> bool:
    return left is right


def own_value(value: Any) -> Any:
    """A value in containers of its own, with jax arrays for numpy's, so that nothing of the caller can be written."""
    return jax.tree.map(lambda x: jax.numpy.asarray(x) if isinstance(x, np.ndarray) and x.dtype != object else x, value)


def _check_own(x: Any, where: Callable[[Any], str]) -> None:
    try:
        check_writable(x)
    except TraceContextError:
        raise ValueError(
            f"a {type(x).__name__} that was created outside and is no argument must not be returned from a"
            f" transform or become part of its arguments (it became {where(x)}); pass it as an argument"
        ) from None
