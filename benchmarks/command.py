"""The work of `nnxspec bench`: from what was typed to tables, files and plots."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import difflib
import fnmatch
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nnxspec.harness import lookup
from nnxspec.harness.budget import seconds as budget_seconds
from nnxspec.harness.devices import DeviceError, started
from nnxspec.harness.files import FileError
from nnxspec.harness.telling import bad_input
from nnxspec.spec import Backend, BackendError

from . import compare, files, plots, summary, table
from .machine import machine, versions
from .operations import OPERATIONS
from .run import FLOOR, OUT_OF_BUDGET, Plan, Row, run
from .scripts import SHAPES
from .timing import Effort

QUICK_SIZES = (5, 50, 500)
_LARGEST = 1_000_000
_USUAL, _QUICK = Effort(), Effort(seconds=0.05, fewest=3, most=50)


def bench(arguments: argparse.Namespace) -> int:
    """Runs ``nnxspec bench``; returns the exit status.

    Returns:
        0, 1 if a comparison finds something slower, 2 for bad input, 130 after an interrupt.
    """
    try:
        if arguments.list:
            print(listed())
            return 0
        threshold = _threshold(arguments.threshold)
        files.check(arguments)
        old = summary.read(Path(arguments.compare)) if arguments.compare else None
        if arguments.read:
            if arguments.backends or arguments.benchmark_json or arguments.resume:
                raise ValueError("--read shows a run that has been: it takes no backends, --resume or --benchmark-json")
            done = Done(summary.read(Path(arguments.read)))
            _comparable(old, list(done.found["backends"]), done.found["method"]["clock"])
        else:
            done = _measured(arguments, old)
    except (ValueError, BackendError, DeviceError, FileError, plots.NoPlots) as error:
        return bad_input(" ".join(str(error).split()))
    if arguments.markdown != "-":
        print(table.whole(done.found), flush=True)
    try:
        files.write(arguments, done.found, done.rows)
    except FileError as error:
        return bad_input(str(error))
    except OSError as error:
        return bad_input(f"{error.filename} cannot be written: {error.strerror}")
    if done.left:
        print(_goes_on(arguments, done), file=sys.stderr)
    if done.interrupted:
        return 130
    if old is None:
        return 0
    compared = compare.compare(old, done.found, threshold)
    print()
    print(compare.told(compared))
    return 1 if compared.slower else 0


@dataclasses.dataclass(frozen=True)
class Done:
    """A run that has been.

    Args:
        found: its summary.
        rows: what was measured now, with all samples.
        left: how many cells of the plan are not measured.
        interrupted: whether it was ended by hand.
    """

    found: summary.Summary
    rows: Sequence[Row] = ()
    left: int = 0
    interrupted: bool = False


def _measured(arguments: argparse.Namespace, old: summary.Summary | None) -> Done:
    plan = plan_of(arguments)
    before = summary.read(Path(arguments.resume)) if arguments.resume else None
    kept = [] if before is None else summary.rows_of(before)
    plan = dataclasses.replace(plan, done=frozenset((row.operation, row.shape, row.size) for row in kept))
    started(None)
    backends = loaded(arguments.backends or ["reference"])
    _comparable(old, list(backends), plan.clock)
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    here = machine()  # before the run, which is a load itself
    if before is not None:
        _same(before, backends, plan.clock, versions(backends))
    about: dict[str, Any] = {
        "command": arguments.typed if before is None else f"{before['command']} && {arguments.typed}",
        "when": when if before is None else before["when"],
        "machine": here if before is None else before["machine"],
        "versions": versions(backends),
        "clock": plan.clock,
    }

    def summarized(rows: Sequence[Row]) -> summary.Summary:
        named = {name: backend.version for name, backend in backends.items()}
        return summary.summarize(summary.in_order([*kept, *rows]), named, **about)

    keep = files.Keeper(arguments.json, lambda rows: summary.dumps(summarized(rows)))
    rows = run(backends, plan, lambda text: print(text, file=sys.stderr, flush=True), keep)
    wanted = {(each.name, shape, size) for shape, size, group in plan.cells() for each in group}
    begun = {(row.operation, row.shape, row.size) for row in rows}
    timed = {(row.operation, row.shape, row.size) for row in rows if row.reason != OUT_OF_BUDGET}
    return Done(summarized(rows), rows, len(wanted - timed), bool(wanted - begun))


def _goes_on(arguments: argparse.Namespace, done: Done) -> str:
    """How to measure the rest, in one line."""
    lead = f"{done.left} operations on subjects are not measured yet"
    if not arguments.json:
        return f"{lead}, and without --json nothing is kept to go on with"
    return f"{lead}: the same command with --resume {Path(arguments.json).name} goes on"


def _comparable(old: summary.Summary | None, backends: Sequence[str], clock: str) -> None:
    """Refuses, before anything is measured, a comparison that would say nothing.

    Raises:
        ValueError: the old run has none of the backends, or another clock.
    """
    if old is None:
        return
    if not set(old["backends"]) & set(backends):
        theirs, ours = ", ".join(old["backends"]), ", ".join(backends)
        raise ValueError(f"--compare: that run measures {theirs}, and this one {ours}: there is nothing to compare")
    if old["method"]["clock"] != clock:
        there = old["method"]["clock"]
        raise ValueError(f"--compare: that run reads the clock {there}, and this one {clock}: add --clock {there}")


def _same(before: summary.Summary, backends: dict[str, Backend], clock: str, now: dict[str, str]) -> None:
    """Refuses to go on with a run of something else.

    Raises:
        ValueError: backends, versions or clock differ.
    """
    there, here = list(before["backends"]), list(backends)
    if there != here:
        raise ValueError(f"--resume: that run measures {', '.join(there)}, and this one {', '.join(here)}")
    if before["method"]["clock"] != clock:
        raise ValueError(f"--resume: that run reads the clock {before['method']['clock']}, and this one {clock}")
    for name, version in before["versions"].items():
        if now.get(name) != version:
            raise ValueError(f"--resume: that run has {name} {version}, and this one {now.get(name)}")


def loaded(names: Sequence[str]) -> dict[str, Backend]:
    """The backends that a user named, each once.

    Raises:
        BackendError: there is no such backend, or it cannot be used.
        ValueError: one is named twice, or like the floor.
    """
    found: dict[str, Backend] = {}
    for name in names:
        if name in found or name == FLOOR:
            raise ValueError(f"{name!r} takes part already: name each backend once, the floor is always there")
        found[name] = lookup.load(name)
    return found


def plan_of(arguments: argparse.Namespace) -> Plan:
    """What the options ask for.

    Raises:
        ValueError: one of them cannot be met; the message says what there is.
    """
    names = operations_matching(arguments.ops)
    sizes = sizes_of(arguments.sizes) if arguments.sizes else QUICK_SIZES if arguments.quick else ()
    shapes = tuple(shapes_of(arguments.shapes or (list(SHAPES)[:1] if arguments.quick else SHAPES)))
    if arguments.quick and not arguments.ops:
        names = tuple(name for name in names if not OPERATIONS[name].stage)
    usual = _QUICK if arguments.quick else _USUAL
    most, seconds, limit = (
        _positive("--rounds", arguments.rounds, usual.most),
        _positive("--seconds", arguments.seconds, usual.seconds),
        _positive("--limit", arguments.limit, usual.limit),
    )
    effort = Effort(seconds, min(usual.fewest, int(most)), int(most), limit)
    budget = budget_seconds(arguments.budget, "--budget") if arguments.budget else None
    plan = Plan(names, shapes, sizes, effort, arguments.clock, budget)
    if not any(True for _ in plan.cells()):
        only = sorted({shape for name in names for shape in OPERATIONS[name].shapes})
        raise ValueError(f"nothing to measure: these operations are measured on {', '.join(only)} only")
    return plan


def operations_matching(patterns: Sequence[str]) -> tuple[str, ...]:
    """The operations whose name or group fits a pattern, in the order of tables; all without patterns.

    Raises:
        ValueError: a pattern fits none; the message names what is near.
    """
    wanted: set[str] = set()
    for pattern in patterns:
        fits = {o.name for o in OPERATIONS.values() if pattern == o.group or fnmatch.fnmatchcase(o.name, pattern)}
        if not fits:
            raise ValueError(_unknown("operation", pattern, OPERATIONS))
        wanted |= fits
    return tuple(name for name in OPERATIONS if not patterns or name in wanted)


def shapes_of(names: Iterable[str]) -> list[str]:
    """The shapes of these names.

    Raises:
        ValueError: there is none of that name.
    """
    found = list(dict.fromkeys(names))
    for name in found:
        if name not in SHAPES:
            raise ValueError(_unknown("shape", name, SHAPES))
    return found


def sizes_of(text: str) -> tuple[int, ...]:
    """Sizes as a user writes them: ``5,50,500``.

    Raises:
        ValueError: they are none.
    """
    found = []
    for part in text.split(","):
        digits = part.strip().replace("_", "")
        if not digits.isdecimal() or not 2 <= int(digits) <= _LARGEST:
            raise ValueError(f"a size is a number of Variables from 2 to {_LARGEST:,}, as in 5,50,500, not {part!r}")
        found.append(int(digits))
    return tuple(sorted(set(found)))


def _positive(option: str, value: float | None, usual: float) -> float:
    if value is None:
        return usual
    if not value > 0:
        raise ValueError(f"{option} is a number above 0, not {value:g}")
    return value


def _threshold(text: str | None) -> float:
    if text is None:
        return compare.THRESHOLD
    try:
        found = float(text.removesuffix("%")) / 100
    except ValueError:
        found = -1.0
    if not found >= 0:
        raise ValueError(f"--threshold is a percentage, as in 25%, not {text!r}")
    return found


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1) or [n for n in names if name.strip("*") in n][:1]
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {kind} {name!r}: {hint}nnxspec bench --list shows all"


def listed() -> str:
    """All operations and shapes, with what they are."""
    rows = [["operation", "group", "what"]]
    rows += [[name, o.group, f"{o.what}; floor: {o.floor_what}"] for name, o in OPERATIONS.items()]
    shapes = [["shape", "", "what"], *([name, "", shape.what] for name, shape in SHAPES.items())]
    return "\n\n".join(table.aligned(each, left=(0, 1, 2)) for each in (rows, shapes))
