"""The summary of a run as plain JSON values; `README.md` beside this file documents the schema."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnxspec.harness.files import FileError, json_object

from .operations import OPERATIONS
from .run import FLOOR, OUT_OF_BUDGET, Row
from .scripts import SHAPES
from .timing import GC, SAMPLE

FORMAT, SCHEMA = "nnxspec-bench", 1
"""What the file says it is. The number is raised when a reader of the form before would misread it."""
ANCHOR = "flax"
"""The backend to which ratios are taken beside those to the floor, where it takes part."""
SLOPE_FROM = 50
"""The least size that counts for a slope: below it a call's fixed cost is most of the cost."""

Summary = dict[str, Any]
Cell = tuple[str, str, int]


def slope(points: Mapping[int, float]) -> float | None:
    """How cost grows with size: the exponent ``p`` of ``cost ~ size ** p``, least squares on logarithms.

    Args:
        points: microseconds by size.

    Returns:
        None with less than two sizes of `SLOPE_FROM` and above.
    """
    logs = [(math.log(size), math.log(us)) for size, us in points.items() if size >= SLOPE_FROM and us > 0]
    if len(logs) < 2:
        return None
    mean_x, mean_y = sum(x for x, _ in logs) / len(logs), sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    found: float = sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread
    return round(found, 2)


def summarize(
    rows: Sequence[Row],
    backends: Mapping[str, str],
    *,
    command: str,
    when: str,
    machine: Any,
    versions: Any,
    clock: str = "wall",
) -> Summary:
    """Everything that is known of a run.

    Args:
        rows: what was measured.
        backends: names and versions, in the order of their turns.
        command: what was typed.
        when: date and time, ISO 8601.
        machine: hardware (`nnxspec.benchmarks.machine.machine`).
        versions: versions of distributions.
        clock: which clock was read (`nnxspec.benchmarks.run.CLOCKS`).
    """
    medians = {(r.operation, r.shape, r.size, r.contestant): float(r.figures["us"]) for r in rows if r.figures}
    results = []
    for row in rows:
        entry: dict[str, Any] = {
            "operation": row.operation,
            "shape": row.shape,
            "size": row.size,
            "contestant": row.contestant,
        }
        if row.figures:
            us = float(row.figures["us"])
            entry |= row.figures
            entry["us_per_variable"] = _rounded(us / row.size)
            for name, other in (("floor", FLOOR), ("flax", ANCHOR)):
                base = medians.get((row.operation, row.shape, row.size, other))
                entry[f"ratio_to_{name}"] = _rounded(us / base) if base else None
            if row.notes:
                entry["notes"] = list(row.notes)
        else:
            entry["reason"] = row.reason
        results.append(entry)
    return {
        "format": FORMAT,
        "schema": SCHEMA,
        "when": when,
        "command": command,
        "machine": machine,
        "versions": versions,
        "backends": dict(backends),
        "method": {
            "clock": clock,
            "garbage_collector": GC,
            "order": [*backends, FLOOR],
            "sample_seconds": SAMPLE,
            "statistic": "median of interleaved rounds; low and high are quartiles",
            "slope_from_size": SLOPE_FROM,
        },
        "operations": {
            name: {"group": OPERATIONS[name].group, "what": OPERATIONS[name].what, "floor": OPERATIONS[name].floor_what}
            for name in dict.fromkeys(row.operation for row in rows)
        },
        "shapes": {name: SHAPES[name].what for name in dict.fromkeys(row.shape for row in rows)},
        "results": results,
        "slopes": _slopes(medians),
    }


def _slopes(medians: Mapping[tuple[str, str, int, str], float]) -> list[dict[str, Any]]:
    series: dict[tuple[str, str, str], dict[int, float]] = {}
    for (operation, shape, size, contestant), us in medians.items():
        series.setdefault((operation, shape, contestant), {})[size] = us
    return [
        {
            "operation": operation,
            "shape": shape,
            "contestant": contestant,
            "slope": found,
            "sizes": [n for n in sorted(points) if n >= SLOPE_FROM],
        }
        for (operation, shape, contestant), points in series.items()
        if (found := slope(points)) is not None
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def rows_of(summary: Summary) -> list[Row]:
    """The rows of a run that has been, without their samples and without what the budget did not reach."""
    figures = ("us", "low", "high", "least", "rounds", "calls")
    return [
        Row(
            each["operation"],
            each["shape"],
            each["size"],
            each["contestant"],
            {name: each[name] for name in figures if name in each},
            each.get("reason", ""),
            notes=tuple(each.get("notes", ())),
        )
        for each in summary["results"]
        if each.get("reason") != OUT_OF_BUDGET
    ]


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Rows in the order of a run: stages last, then by shape, size and operation; contestants stay as they are."""
    operations, shapes = list(OPERATIONS), list(SHAPES)

    def place(row: Row) -> tuple[bool, int, int, int]:
        return ":" in row.operation, shapes.index(row.shape), row.size, operations.index(row.operation)

    return sorted(rows, key=place)


def dumps(summary: Summary) -> str:
    """The text of the file: one line for each result, so that two runs can be compared by eye."""
    rest = {key: value for key, value in summary.items() if key not in ("results", "slopes")}
    head = json.dumps(rest, indent=1, ensure_ascii=False)[:-2]
    for key in ("results", "slopes"):
        lines = ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in summary[key])
        head += f',\n "{key}": [\n  {lines}\n ]' if lines else f',\n "{key}": []'
    return head + "\n}\n"


def read(path: Path) -> Summary:
    """The summary in a file.

    Raises:
        FileError: there is none.
    """
    hint = "nnxspec bench --json writes one"
    found = json_object(path, "summary of a benchmark run", hint)
    if found.get("format") != FORMAT:
        raise FileError(f"{path} is no summary of a benchmark run: {hint}")
    if found.get("schema") != SCHEMA:
        raise FileError(f"{path} has schema {found.get('schema')!r}, and this nnxspec reads {SCHEMA}: measure anew")
    if missing := sorted(
        {"results", "backends", "operations", "slopes", "machine", "versions", "method"} - found.keys()
    ):
        raise FileError(f"{path} has no {missing[0]!r}: measure anew")
    for entry in found["results"]:
        known = ("us", "low", "high", "ratio_to_floor") if "reason" not in entry else ()
        lost = [field for field in ("operation", "shape", "size", "contestant", *known) if field not in entry]
        if lost:
            raise FileError(f"{path} is damaged: an entry of results has no {lost[0]!r}")
    return found


def by_cell(summary: Summary) -> dict[Cell, dict[str, dict[str, Any]]]:
    """The results by operation, shape and size, then by contestant."""
    found: dict[Cell, dict[str, dict[str, Any]]] = {}
    for entry in summary["results"]:
        cell = entry["operation"], entry["shape"], entry["size"]
        found.setdefault(cell, {})[entry["contestant"]] = entry
    return found


def slopes_of(summary: Summary) -> dict[tuple[str, str, str], float]:
    """The slopes by operation, shape and contestant."""
    return {(each["operation"], each["shape"], each["contestant"]): each["slope"] for each in summary["slopes"]}


def contestants(summary: Summary) -> list[str]:
    """The backends in the order of their turns, and the floor."""
    return [*summary["backends"], FLOOR]


def marks(summary: Summary) -> dict[str, str]:
    """A letter for each note of a run, by note, in the order in which they come."""
    found = dict.fromkeys(note for entry in summary["results"] for note in entry.get("notes", ()))
    return dict(zip(found, "abcdefghijklmnopqrstuvwxyz", strict=False))


def marked(entry: Mapping[str, Any], letters: Mapping[str, str]) -> str:
    """The letters of an entry's notes."""
    return "".join(sorted(letters.get(note, "?") for note in entry.get("notes", ())))


def untimed(summary: Summary) -> Iterable[tuple[str, str, str]]:
    """Why things were not timed: contestants, operations and reason, those with one reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in summary["results"]:
        if "reason" in entry:
            where = f"{entry['operation']} {entry['shape']} {entry['size']:,}"
            reasons.setdefault((entry["contestant"], entry["reason"]), []).append(where)
    merged: dict[tuple[str, str], list[str]] = {}
    for (contestant, reason), cells in reasons.items():
        merged.setdefault((_listed(cells), reason), []).append(contestant)
    for (listed, reason), who in merged.items():
        yield ("all" if len(who) == len(contestants(summary)) else ", ".join(who)), listed, reason


def _listed(where: Sequence[str]) -> str:
    """Cells in words: at most three, then a count."""
    return ", ".join(where) if len(where) <= 3 else f"{', '.join(where[:2])} and {len(where) - 2} more"
