"""`scan`: a loop over slices of the arguments, compiled once for all iterations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..axes import StateAxes
from ..graphdef import LEAF, Ref, VariableDef
from .functions import check_function, named, positional, renamed
from .lift import Axes, Call, Groups, Inside, check_ranks, enter, pack, unpack
from .loops import check_root, check_structure, check_types, replacements
from .metadata import with_metadata_transformed
from .prefixes import LeafKey, is_container, specs_in
from .program import Program, Table, describe, type_difference


class _Marker(type):
    def __repr__(cls) -> str:
        return cls.__name__


class Carry(metaclass=_Marker):
    """Marks, among the axes of `scan`, the argument and the output that go from one iteration to the next."""


def scan(
    f: Callable[..., Any] | None = None,
    *,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    _split_transpose: bool = False,
    in_axes: Any = (Carry, 0),
    out_axes: Any = (Carry, 0),
    transform_metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Run `f` on the slices of its arguments one after the other, as a Python loop would.

    Args:
        f: the body. It returns the carry that it got, updated: the same nodes, in which Variables may be replaced.
        length: the number of iterations, where no argument tells.
        reverse: go from the last slice to the first.
        unroll: as for `jax.lax.scan`.
        _split_transpose: as for `jax.lax.scan`.
        in_axes: a prefix of the arguments: `Carry` for one, ints for what is sliced, None for what all iterations see;
            in nodes under None, each iteration sees what the previous one wrote. `StateAxes` says so per filter.
        out_axes: the same for the output, without None: outputs are stacked.
        transform_metadata: see the function `transform_metadata`.

    Raises:
        ValueError: the axes make no sense (`Carry` on one side, twice, or nested; None for an output), aliases have
            different axes, or the body changes references, structure or statics of what it does not get in slices.
        TypeError: the carry changes its shape or dtype.
    """
    options: dict[str, Any] = {"length": length, "reverse": reverse, "unroll": unroll}
    options["_split_transpose"] = _split_transpose
    if f is None:
        return functools.partial(
            scan, in_axes=in_axes, out_axes=out_axes, transform_metadata=transform_metadata, **options
        )
    check_function(f, "scan")
    carry = _check_axes(in_axes, out_axes)
    fun = with_metadata_transformed(f, in_axes, out_axes, transform_metadata)
    if in_axes is Carry:
        in_axes = (Carry,)
    axes = Axes(in_axes, out_axes, None)

    def traced(call: Call, groups: Groups) -> tuple[Call, Groups]:
        return _Scan(call, axes, carry, options).run(fun, groups)

    compiled = jax.jit(renamed(traced, f))
    signature_of = f

    def scanned(*args: Any, **kwargs: Any) -> Any:
        packed = pack(positional(signature_of, args, kwargs), {}, axes)
        check_ranks(packed)
        result, groups = compiled(packed.call, packed.groups)
        return unpack(result, groups, packed.objects)

    return named(scanned, f)


class _Scan:
    """One traced scan. Leaves under Carry and None are its state; the others come and go in slices."""

    def __init__(self, call: Call, axes: Axes, carry: tuple[int, int | None] | None, options: dict[str, Any]) -> None:
        self.call = call
        self.axes = axes
        self.carry = carry
        self.options = options
        self.sliced = [isinstance(axis, int) for axis in axes.values]
        self.result = call  # what comes back
        self.picks: list[int] = []  # where in the state its leaves under Carry and None are

    def run(self, fun: Callable[..., Any], groups: Groups) -> tuple[Call, Groups]:
        """Scan, and give back what has changed."""
        state = self._only(groups, sliced=False)
        slices = self._move(self._only(groups, sliced=True), lambda x, axis: jnp.moveaxis(x, axis, 0))

        def body(state: Groups, slices: Groups) -> tuple[Groups, Groups]:
            inside = enter(self.call, [[*a, *b] for a, b in zip(state, slices, strict=True)], self.axes)
            out = fun(*inside.args)
            state, replaced = self._next(inside, out)
            return state, self._leave(inside, out, replaced)

        final, stacked = jax.lax.scan(body, state, slices, **self.options)
        last = [leaf for group in final for leaf in group]
        picks = iter(self.picks)
        changed = self._move(stacked, lambda x, axis: jnp.moveaxis(x, 0, axis))
        rest = [iter(group) for group in changed]
        leaves = [next(rest[group]) if self.sliced[group] else last[next(picks)] for group in self.result.deal]
        length = self.options["length"]
        if length is None:
            length = jax.tree.leaves(slices)[0].shape[0]
        result = self.result
        if length == 0:
            result, leaves = _without_changes(result, leaves, len(self.call.program.records) - 1)
        return result, result.groups(leaves, len(self.axes.values))

    def _only(self, groups: Groups, *, sliced: bool) -> Groups:
        return [group if is_sliced is sliced else [] for group, is_sliced in zip(groups, self.sliced, strict=True)]

    def _move(self, groups: Groups, move: Callable[[Any, int], Any]) -> Groups:
        return [
            [jax.tree.map(lambda x, axis=axis: move(x, axis), leaf) for leaf in group]
            for group, axis in zip(groups, self.axes.values, strict=True)
        ]

    def _next(self, inside: Inside, out: Any) -> tuple[Groups, list[tuple[Any, Any]]]:
        """The state for the next iteration, and the Variables that were replaced, after checking what the body did."""
        table = Table(inside.objects)
        program = self.call.program
        assert inside.assignment is not None
        records = check_root(table, (self._next_args(inside, out), {}), program)
        replaced: dict[int, int] = {}
        for number, x in enumerate(inside.objects):
            record = table.record(x)
            records.append(record)
            if isinstance(inside.assignment.homes[id(x)].spec, int):
                continue  # a slice: it may become anything, since no other iteration sees it
            defs = record.defs
            for old, new in replacements(program.records[number + 1], record, table, len(inside.objects)).items():
                is_kept = inside.before[old].equals(table.record(table.objects[old]))
                if replaced.setdefault(old, new) != new or not is_kept:
                    raise ValueError(f"{_REPLACED} {describe(program, old)} after changing it, or by several others")
                defs = tuple([Ref(old) if d == Ref(new) else d for d in defs])
            check_structure(program, number, defs)
        for record in records:
            for old in replaced:
                if any(x is table.objects[old] for _, x in record.refs):
                    raise ValueError(
                        f"{_REPLACED} {describe(program, old)} in one of the places that hold it, not in all"
                    )
        leaves = list(records[0].leaves)
        for number, record in enumerate(records[1:]):
            expected = sum(1 for _ in _leaf_defs(program.records[number + 1]))
            if number in replaced:
                record = table.record(table.objects[replaced[number]])
            # a slice may have other leaves now; none of them is state
            leaves += record.leaves if len(record.leaves) == expected else [None] * expected
        is_state = [not self.sliced[group] for group in self.call.deal]
        check_types(type_difference(program, inside.leaves, leaves, among=is_state))
        state = self._only(self.call.groups(leaves, len(self.axes.values)), sliced=False)
        return state, [(table.objects[new], table.objects[old]) for old, new in replaced.items()]

    def _next_args(self, inside: Inside, out: Any) -> tuple[Any, ...]:
        """The arguments of the next iteration: those of this one, and the carry that was returned."""
        args = list(inside.untouched)
        if self.carry is not None:
            at, back = self.carry
            if back is not None and not (isinstance(out, tuple) and len(out) > back):
                raise ValueError(f"the body of a scan returns a tuple with the carry at {back}, got {out!r}")
            args[at] = out if back is None else out[back]
        return tuple(args)

    def _leave(self, inside: Inside, out: Any, replaced: list[tuple[Any, Any]]) -> Groups:
        """What is to be stacked; and remember what comes back, and which part of it is state."""
        self.result, groups = inside.leave(out)
        ordered = self._only(self.call.groups(inside.entered, len(self.axes.values)), sliced=False)
        where = {key: position for position, key in enumerate(key for group in ordered for key in group)}
        where |= {(id(new), ()): where[id(old), ()] for new, old in replaced if (id(old), ()) in where}
        left = zip(inside.left, self.result.deal, strict=True)
        self.picks = [where[self._origin(key)] for key, group in left if not self.sliced[group]]
        return self._only(groups, sliced=True)

    def _origin(self, key: LeafKey) -> LeafKey:
        """The leaf of the arguments whose last state an output is: those outside of slices are in the carry."""
        if key[0] != "out":
            return key
        assert self.carry is not None
        at, back = self.carry
        return "args", (0, at, *(key[1] if back is None else key[1][1:]))


_REPLACED = "the body of a scan replaced"


def _leaf_defs(defs: Sequence[Any]) -> Iterator[Any]:
    return (d for d in defs if d is LEAF or isinstance(d, VariableDef))


def _without_changes(result: Call, leaves: list[Any], known: int) -> tuple[Call, list[Any]]:
    """What comes back of no iteration at all: the outputs, but no changes."""
    records, deal, rest = [], [], []
    pairs = iter(list(zip(result.deal, leaves, strict=True)))
    for number, defs in enumerate(result.program.records, -1):
        mine = [next(pairs) for _ in _leaf_defs(defs)]
        if 0 <= number < known:
            defs, mine = (Ref(number),), []
        records.append(defs)
        deal += [group for group, _ in mine]
        rest += [leaf for _, leaf in mine]
    return Call(Program(records), tuple(deal)), rest


def _check_axes(in_axes: Any, out_axes: Any) -> tuple[int, int | None] | None:
    """Where the carry is among the arguments and in the output (None: it is the output).

    Raises:
        ValueError: the axes make no sense.
    """
    found: list[int | None] = []
    for name, axes in (("in_axes", in_axes), ("out_axes", out_axes)):
        top = list(axes) if isinstance(axes, tuple | list) else [axes]
        if any(is_container(axis) and any(spec is Carry for spec in specs_in(axis)) for axis in top):
            raise ValueError(f"Carry cannot be nested in {name}={axes!r}")
        if sum(axis is Carry for axis in top) > 1:
            raise ValueError(f"there can be one Carry only in {name}={axes!r}")
        single = not isinstance(axes, tuple | list)
        found += [(None if single else i) for i, axis in enumerate(top) if axis is Carry] or [-1]
    if (found[0] == -1) != (found[1] == -1):
        raise ValueError(f"Carry must be in both, in_axes={in_axes!r} and out_axes={out_axes!r}, or in none")
    for name, axes in (("in_axes", in_axes), ("out_axes", out_axes)):
        for spec in specs_in(axes):
            if spec is not None and spec is not Carry and not isinstance(spec, int):
                raise TypeError(f"an axis is an int, None or Carry, got {spec!r} in {name}={axes!r}")
    for spec in specs_in(out_axes):
        if spec is None:
            raise ValueError(f"outputs of a scan are stacked, so None is no axis in out_axes={out_axes!r}")
    for axis in out_axes if isinstance(out_axes, tuple | list) else [out_axes]:
        if isinstance(axis, StateAxes) and any(spec is Carry for spec in axis.values()):
            raise ValueError(f"Carry cannot be nested in out_axes={out_axes!r}")
    return None if found[0] == -1 else (found[0] or 0, found[1])
