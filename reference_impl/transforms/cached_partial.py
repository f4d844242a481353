"""`cached_partial`: the arguments that never change their structure, taken apart once."""

from __future__ import annotations

import functools
from typing import Any

from ..graphdef import VariableDef
from .functions import named
from .jit import JitWrapped
from .lift import Call
from .program import Record, Table, describe, first_difference, is_kept


def cached_partial(f: JitWrapped, *cached_args: Any) -> CachedPartial:
    """Like `functools.partial(f, *cached_args)` for a function made by `jit`, without looking through the graphs of
    `cached_args` in each call.

    Raises:
        TypeError: `f` was not made by `jit`.
    """
    if not isinstance(f, JitWrapped):
        raise TypeError(f"cached_partial takes a function made by jit, got {type(f).__name__}")
    return CachedPartial(f, cached_args)


class CachedPartial:
    """A compiled function with its first arguments. What changes in these is their values, not their structure."""

    def __init__(self, f: JitWrapped, cached_args: tuple[Any, ...]) -> None:
        named(self, f)
        self._f = f
        self._args = cached_args
        table = Table()
        _, *self._records = table.records(cached_args)
        self._mark = object()
        self._table = functools.partial(_Known, table.objects, self._records)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function.

        Raises:
            ValueError: the structure of a cached object was changed inside; nothing is written then.
        """
        return self._f.run((*self._args, *args), kwargs, table=self._table, check=self._check, mark=self._mark)

    def _check(self, call: Call, result: Call) -> None:
        for number, record in enumerate(self._records):
            defs = result.program.records[number + 1]
            if is_kept(defs, number) or isinstance(defs[0], VariableDef):
                continue
            if first_difference(record.defs, defs) is not None:
                raise ValueError(
                    f"the structure of {describe(call.program, number)} was changed in a call of"
                    " cached_partial, which needs it to stay as it is"
                )


class _Known(Table):
    """A table that knows the structure of its first objects; it asks them only for values and metadata."""

    def __init__(self, objects: list[Any], records: list[Record]) -> None:
        super().__init__(objects)
        self._known = {id(x): r for x, r in zip(objects, records, strict=True) if not r.leaves}

    def record(self, x: Any, *, of_object: bool = True) -> Record:
        known = self._known.get(id(x)) if of_object else None
        return super().record(x, of_object=of_object) if known is None else known
