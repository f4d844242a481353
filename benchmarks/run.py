"""A run: all contestants on all subjects, cell by cell."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nnxspec.spec import Backend, Unsupported

from .operations import OPERATIONS, Operation
from .scripts import SHAPES, SIZES
from .stages import stage_clocks
from .subjects import NOT_OFFERED, Leaves, Subject, lacking, missing
from .timing import Clock, Effort, Series, Timed, TooSlow, interleaved, ready

FLOOR = "floor"
"""The name of the contestant that is raw jax, or plain Python, on the flat list of the same leaves."""
SIDE_SIZES = (500, 5_000)
"""The sizes of the shapes beside the first one, unless sizes are asked for: 50,000 Variables take minutes to make."""


CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "cpu": time.process_time}
"""The clocks for calls: real time, and the processor time of the process, for machines that do other things as well."""


OUT_OF_BUDGET = "the budget was used up"
"""The reason of what was not begun."""
_LONG_TO_MAKE = 5_000
"""From this size on it is told when a subject is made, which takes seconds."""


@dataclass(frozen=True)
class Row:
    """One contestant in one cell.

    Args:
        operation: its name.
        shape: the subject's shape.
        size: the subject's number of Variables.
        contestant: name of the backend, or `FLOOR`.
        figures: what `nnxspec.benchmarks.timing.Series.figures` says; empty if it was not timed.
        reason: why it was not timed.
        samples: seconds for one call, round by round.
        notes: what was not as it is for others, in words: the subject, or how it is done.
    """

    operation: str
    shape: str
    size: int
    contestant: str
    figures: Mapping[str, float | int] = field(default_factory=dict)
    reason: str = ""
    samples: Sequence[float] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is to be measured.

    Args:
        operations: names out of `OPERATIONS`.
        shapes: names out of `nnxspec.benchmarks.scripts.SHAPES`.
        sizes: numbers of Variables; empty for the usual ones.
        effort: how much.
        clock: name of the clock for calls, out of `CLOCKS`; stages have clocks of their own.
        budget: seconds after which no further cell is begun; None for all of them.
        done: what is measured already: operations, shapes and sizes.
    """

    operations: tuple[str, ...] = tuple(OPERATIONS)
    shapes: tuple[str, ...] = tuple(SHAPES)
    sizes: tuple[int, ...] = ()
    effort: Effort = Effort()
    clock: str = "wall"
    budget: float | None = None
    done: frozenset[tuple[str, str, int]] = frozenset()

    def cells(self) -> Iterator[tuple[str, int, list[Operation]]]:
        """Shape, size, and the operations that are measured together: several only for the stages of one function.

        Stages come last: they take the longest.
        """
        chosen = [OPERATIONS[name] for name in self.operations]
        yield from self._cells([operation for operation in chosen if not operation.stage])
        yield from self._cells([operation for operation in chosen if operation.stage])

    def _cells(self, chosen: Sequence[Operation]) -> Iterator[tuple[str, int, list[Operation]]]:
        for shape in self.shapes:
            usual = SIZES if shape == next(iter(SHAPES)) else SIDE_SIZES
            for size in sorted({*(self.sizes or usual), *(n for o in chosen for n in o.sizes)}):
                groups: dict[str, list[Operation]] = {}
                for operation in chosen:
                    if operation.shapes and shape not in operation.shapes:
                        continue
                    if size in operation.sizes or (not operation.sizes and size in (self.sizes or usual)):
                        together = operation.name.partition(":")[0] + (":" if operation.stage else "")
                        groups.setdefault(together, []).append(operation)
                for group in groups.values():
                    if any((operation.name, shape, size) not in self.done for operation in group):
                        yield shape, size, group


class Subjects:
    """The subjects of one shape and size, made when they are asked for; those of the cell before are let go.

    Args:
        backends: whose graphs they are.
        tell: gets a line before something is made that takes long.
    """

    def __init__(self, backends: Mapping[str, Backend], tell: Callable[[str], None] = lambda text: None) -> None:
        self._backends = backends
        self._tell = tell
        self._at: tuple[str, int] | None = None
        self._made: dict[str, Subject | Exception] = {}
        self._leaves: Leaves | None = None

    def move(self, shape: str, size: int) -> None:
        """Goes to a shape and size."""
        if self._at != (shape, size):
            self._at, self._made, self._leaves = (shape, size), {}, None

    def forget(self, contestant: str) -> None:
        """Lets a graph go that an operation may have left changed; the next operation gets a new one."""
        self._made.pop(contestant, None)

    def timed(self, contestant: str, operation: Operation) -> Timed:
        """An operation made ready.

        Raises:
            Unsupported: the backend does not offer what it needs.
        """
        assert self._at is not None
        if contestant == FLOOR:
            if self._leaves is None:
                self._leaves = Leaves(*self._at)
            return operation.floor(self._leaves)
        nnx = self._backends[contestant]
        lacks = missing(nnx, self._at[0], operation.uses)
        if lacks is not None:
            raise Unsupported("", lacks)
        with nnx.around():
            if contestant not in self._made:
                self._made[contestant] = self._new(nnx, contestant)
            found = self._made[contestant]
            if isinstance(found, Exception):
                raise Unsupported("", f"the subject cannot be made: {brief(found)}")
            timed = operation.live(found)
            of_subject = () if operation.sizes else found.notes  # one that has its own sizes has its own subject, too
            return dataclasses.replace(timed, around=nnx.around, notes=(*of_subject, *timed.notes))

    def _new(self, nnx: Backend, contestant: str) -> Subject | Exception:
        assert self._at is not None
        shape, size = self._at
        if size >= _LONG_TO_MAKE:
            self._tell(f"  making {shape} {size:,} for {contestant}")
        try:
            made = Subject(nnx, *self._at)
            _ = made.graph
        except Exception as error:  # whatever an implementation raises is a reason
            return error
        return made


def brief(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:160]


def why_not(error: Exception) -> str:
    """Why something is not timed, in one line."""
    if isinstance(error, AssertionError):
        return f"check failed: {' '.join(str(error).split())}"[:200]
    if isinstance(error, Unsupported):
        return error.reason or lacking(error.name)
    if isinstance(error, TooSlow):
        return str(error)
    return f"raises {brief(error)}"


def run(
    backends: Mapping[str, Backend],
    plan: Plan,
    tell: Callable[[str], None],
    keep: Callable[[Sequence[Row]], None] = lambda rows: None,
) -> list[Row]:
    """Measures.

    Args:
        backends: the contestants beside the floor, in the order of their turns.
        plan: what.
        tell: gets a line for each cell.
        keep: gets what is measured so far after each cell, so that no crash loses it.

    Returns:
        What was measured; after an interrupt (Ctrl-C) what was measured until then.
    """
    cells = list(plan.cells())
    rows: list[Row] = []
    subjects = Subjects(backends, tell)
    started = time.monotonic()
    names = (*backends, FLOOR)
    measured = 0
    try:
        for number, (shape, size, group) in enumerate(cells, 1):
            if plan.budget is not None and time.monotonic() - started > plan.budget:
                rows += [Row(o.name, shape, size, name, reason=OUT_OF_BUDGET) for o in group for name in names]
                continue
            subjects.move(shape, size)
            found = _cell(subjects, names, shape, size, group, plan)
            rows += found
            measured += 1
            minutes, seconds = divmod(int(time.monotonic() - started), 60)
            told = ", ".join(_told(row) for row in found if row.operation == group[-1].name)
            tell(f"[{number}/{len(cells)} {minutes}:{seconds:02}] {group[-1].name} {shape} {size:,}: {told}")
            keep(rows)
    except KeyboardInterrupt:
        tell(f"interrupted: {measured} of {len(cells)} cells are measured")
    return rows


def _told(row: Row) -> str:
    if not row.figures:  # what is not offered is told once, below the table
        return f"{row.contestant} n/a" + ("" if row.reason.startswith(NOT_OFFERED) else f" ({row.reason})")
    us = row.figures["us"]
    return f"{row.contestant} {us:,.0f} us" if us >= 1000 else f"{row.contestant} {us:.3g} us"


def _cell(
    subjects: Subjects, contestants: Sequence[str], shape: str, size: int, group: Sequence[Operation], plan: Plan
) -> list[Row]:
    first = group[0]
    barred = first.barred(shape, size)
    reasons = dict.fromkeys(contestants, barred) if barred else {}
    able: dict[str, tuple[Timed, float]] = {}
    for name in contestants if not barred else ():
        try:
            timed = subjects.timed(name, first)
            able[name] = timed, ready(timed, plan.effort.limit)
        except Exception as error:  # whatever an implementation raises is a reason
            reasons[name] = why_not(error)
            if not isinstance(error, Unsupported):
                subjects.forget(name)
    clocks = stage_clocks() if first.stage else {"": CLOCKS[plan.clock]}
    measured: dict[str, Series] = {}
    if able:
        try:
            measured = interleaved(able, plan.effort, {o.stage: clocks[o.stage] for o in group})
        except Exception as error:  # a call that went well three times goes wrong: nobody's figures can be trusted
            reasons.update(dict.fromkeys(able, f"while it was timed, a contestant {why_not(error)}"))
            for name in able:
                subjects.forget(name)
    return [
        Row(
            o.name,
            shape,
            size,
            name,
            measured[name].figures(o.stage),
            samples=measured[name].samples[o.stage],
            notes=able[name][0].notes,
        )
        if name in measured
        else Row(o.name, shape, size, name, reason=reasons[name] or "")
        for o in group
        for name in contestants
    ]
