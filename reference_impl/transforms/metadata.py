"""Metadata that names the axes of a value: kept in step with the axes that vmap and scan take away and put back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..variable import Variable
from .functions import check_function, named
from .lift import Axes, assign
from .prefixes import Assignment, expand
from .program import Table, place

PARTITION_NAME = "partition_name"
_NAMES = ("out_sharding", "sharding", "sharding_names")


def transform_metadata(
    f: Callable[..., Any] | None = None, *, in_axes: Any = 0, out_axes: Any = 0, partition: str | None
) -> Any:
    """Let `f` see its arguments' metadata as it is without the mapped axis.

    Sharding metadata (`out_sharding`, ...) loses the entry at the axis for the time of the call, and gets it back, with
    the name `partition`; Variables made by `f` get it too. The metadata hooks `on_remove_axis` and `on_add_axis` are
    called with `(variable, axis, partition)`. To be used under `vmap` or `scan`, with the same axes.

    Raises:
        ValueError: the entry at the axis is not `partition`.
    """
    if f is None:
        return functools.partial(transform_metadata, in_axes=in_axes, out_axes=out_axes, partition=partition)
    check_function(f, "transform_metadata")
    return with_metadata_transformed(f, in_axes, out_axes, {PARTITION_NAME: partition})


def with_metadata_transformed(
    f: Callable[..., Any], in_axes: Any, out_axes: Any, names: Mapping[str, Any] | None
) -> Any:
    """`f` with the metadata transformed by `names`: `partition_name`, and further metadata entries with theirs.

    Raises:
        ValueError: there are names, but no `partition_name`.
    """
    if not names:
        return f
    if PARTITION_NAME not in names:
        raise ValueError(f"transform_metadata needs an entry {PARTITION_NAME!r}, got {dict(names)!r}")
    axes = Axes(in_axes, out_axes, None)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        table = Table()
        assignment = assign(axes, table, list(table.records((args, kwargs))), args, kwargs)
        for variable, axis in _mapped(table, assignment):
            site = assignment.sites[id(variable), ()]
            _remove_axis(variable, axis, names, place(site.top + site.path))
        try:
            out = f(*args, **kwargs)
            known = list(table.objects)
            assignment.follow([(x, assignment.homes[id(x)]) for x in known], table.record)
            record = table.record(out, of_object=False)
            assignment.add_root("out", record, expand(axes.out, out, ("out",)), table.record)
        finally:
            for variable, axis in _mapped(table, assignment):
                _add_axis(variable, axis, names)
        return out

    return named(transformed, f)


def _mapped(table: Table, assignment: Assignment) -> Iterator[tuple[Variable[Any], int]]:
    for x in table.objects:
        axis = assignment.axes.get((id(x), ()))
        if isinstance(x, Variable) and isinstance(axis, int) and not isinstance(axis, bool):
            yield x, axis


def _entries(variable: Variable[Any], names: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """The metadata entries that name axes, and the name of the mapped axis in each."""
    partition = names[PARTITION_NAME]
    wanted = dict.fromkeys(_NAMES, partition) | {key: name for key, name in names.items() if key != PARTITION_NAME}
    for key, name in wanted.items():
        entry = variable.get_metadata(key, None)
        if isinstance(entry, tuple) and entry:
            yield key, entry, name


def _remove_axis(variable: Variable[Any], axis: int, names: Mapping[str, Any], where: str) -> None:
    for key, entry, name in list(_entries(variable, names)):
        fields = list(entry)
        removed = fields.pop(axis) if -len(fields) <= axis < len(fields) else None
        if removed != name:
            raise ValueError(
                f"the metadata {key}={entry!r} of a {type(variable).__name__} has {removed!r}, not {name!r}, at the"
                f" mapped axis {axis} ({where})"
            )
        variable.set_metadata(key, tuple(fields))
    _run_hook(variable, "on_remove_axis", axis, names)


def _add_axis(variable: Variable[Any], axis: int, names: Mapping[str, Any]) -> None:
    for key, entry, name in list(_entries(variable, names)):
        fields = list(entry)
        index = axis + len(fields) + 1 if axis < 0 else axis
        fields.extend([None] * (index - len(fields)))
        fields.insert(index, name)
        variable.set_metadata(key, tuple(fields))
    _run_hook(variable, "on_add_axis", axis, names)


def _run_hook(variable: Variable[Any], name: str, axis: int, names: Mapping[str, Any]) -> None:
    hooks = variable.get_metadata(name, getattr(type(variable), name, ()))
    for hook in hooks if isinstance(hooks, tuple) else (hooks,):
        hook(variable, axis, names[PARTITION_NAME])
