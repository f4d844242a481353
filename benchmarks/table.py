"""A run as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .summary import ANCHOR, Summary, by_cell, contestants, marked, marks, slopes_of, untimed


def number(value: float | None) -> str:
    """Three digits that count, thousands apart; empty for None."""
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def head(summary: Summary) -> list[str]:
    """Where and how the run was made, in lines."""
    machine, versions = summary["machine"], summary["versions"]
    memory = f", {machine['memory_gib']} GiB" if "memory_gib" in machine else ""
    load = f"; load before the run {machine['load_before']}" if "load_before" in machine else ""
    clock = {"wall": "wall clock", "cpu": "processor time of the process"}[summary["method"]["clock"]]
    busy = machine.get("load_before", 0) > machine["cores"]
    doubt = [
        "the machine was busy when the run began: figures of long calls are too high, and --clock cpu sees less of it"
    ]
    return [
        f"{machine['processor']}, {machine['cores']} cores{memory}, {machine['system']}, {machine['python']}; "
        f"jax on {', '.join(machine['devices'])}{load}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{summary['when']}; {clock}; {summary['method']['statistic']}; contestants in turns: "
        f"{' '.join(summary['method']['order'])}",
        f"garbage collector: {summary['method']['garbage_collector']}",
        *(doubt if busy else []),
    ]


def table(summary: Summary) -> str:
    """All results: one line for each contestant in each cell, and the slopes at the last size of a series."""
    anchored = ANCHOR in summary["backends"]
    header = ["operation", "shape", "size", "who", "us", "quartiles", "x floor"]
    header += ["x flax"] if anchored else []
    header += ["us/Variable", "rounds", "slope"]
    slopes, cells, letters = slopes_of(summary), by_cell(summary), marks(summary)
    last = {(operation, shape): size for operation, shape, size in sorted(cells, key=lambda cell: cell[2])}
    rows = [header]
    for (operation, shape, size), found in cells.items():
        for position, name in enumerate(n for n in contestants(summary) if n in found):
            entry = found[name]
            row = [operation, shape, f"{size:,}"] if position == 0 else ["", "", ""]
            if "us" not in entry:
                rows.append([*row, name, "n/a", entry["reason"]])
                continue
            row += [
                f"{name} {marked(entry, letters)}".rstrip(),
                number(entry["us"]),
                f"{number(entry['low'])}..{number(entry['high'])}",
            ]
            row += [number(entry["ratio_to_floor"])]
            row += [number(entry["ratio_to_flax"])] if anchored else []
            row += [number(entry["us_per_variable"]), str(entry["rounds"])]
            found_slope = slopes.get((operation, shape, name)) if last[operation, shape] == size else None
            rows.append([*row, "" if found_slope is None else f"{found_slope:.2f}"])
    return aligned(rows, left=(0, 1, 3))


def aligned(rows: list[list[str]], left: Iterable[int]) -> str:
    """Columns side by side; the last field of a short row is text that may run on."""
    columns = range(len(rows[0]))
    # The last field of a short row does not count.
    counted = [row if len(row) == len(rows[0]) else row[:-1] for row in rows]
    widths = [max(len(row[i]) for row in counted if i < len(row)) for i in columns]
    left = set(left)

    def line(row: list[str]) -> str:
        short = len(row) < len(rows[0])
        fields = row[:-1] if short else row
        done = [f.ljust(widths[i]) if i in left else f.rjust(widths[i]) for i, f in enumerate(fields)]
        return "  ".join([*done, *(row[-1:] if short else [])]).rstrip()

    return "\n".join(map(line, rows))


def not_timed(summary: Summary) -> list[str]:
    """What was not timed and why, in lines; nothing if all was."""
    found: list[tuple[Any, ...]] = list(untimed(summary))
    return [f"{who}: {where}: {reason}" for who, where, reason in found]


def legend(summary: Summary) -> list[str]:
    """What the letters behind names mean, in lines; nothing where there are none."""
    letters = marks(summary)
    if not letters:
        return []
    unlike = f", and a ratio to {ANCHOR} does not compare like with like" if ANCHOR in summary["backends"] else ""
    first = f"A letter behind a name: its subject, or how it is done, is not that of the others{unlike}."
    return [first, *(f"{letter}: {note}" for note, letter in letters.items())]


def whole(summary: Summary) -> str:
    """Head, table, what the letters in it mean, and what was not timed."""
    left_out, notes = not_timed(summary), legend(summary)
    tail = ["", *notes] if notes else []
    tail += ["", "not timed:", *(f"  {line}" for line in left_out)] if left_out else []
    return "\n".join([*head(summary), "", table(summary), *tail])
