"""A run as Markdown: a short table for a README, then everything.

python -m nnxspec.benchmarks.markdown RUN.json [OPERATION ...]     # prints the short table alone
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from nnxspec.harness.files import FileError
from nnxspec.harness.telling import bad_input

from .run import FLOOR
from .summary import ANCHOR, Summary, by_cell, contestants, marked, marks, read, slopes_of
from .table import head, legend, not_timed, number

SHORT_SHAPE, SHORT_SIZE = "blocks", 500
"""The subject of the short table; where it was not measured the nearest size of the first shape is taken."""


def _row(fields: list[str]) -> str:
    return "| " + " | ".join(fields) + " |"


def _grid(header: list[str], rows: list[list[str]], left: int) -> list[str]:
    rule = ["---" if i < left else "---:" for i in range(len(header))]
    return [_row(header), "|" + "|".join(rule) + "|", *map(_row, rows)]


def short(summary: Summary, only: Sequence[str] = ()) -> str:
    """One line for each operation that is not a stage: microseconds, and the ratio to the floor, of each backend.

    Args:
        summary: the run.
        only: names of operations, in the order of lines; empty for all.
    """
    cells, letters = by_cell(summary), marks(summary)
    shape = SHORT_SHAPE if any(cell[1] == SHORT_SHAPE for cell in cells) else next(iter(cells))[1]
    backends = list(summary["backends"])
    rows, seen = [], set[str]()
    for operation in only or summary["operations"]:
        about = summary["operations"].get(operation)
        sizes = [size for op, sh, size in cells if (op, sh) == (operation, shape)]
        if about is None or about["group"] == "stage" or not sizes:
            continue
        size = min(sizes, key=lambda n: abs(n - SHORT_SIZE))
        found = cells[operation, shape, size]
        row = [operation if size == SHORT_SIZE else f"{operation} ({size:,})"]
        row += [number(found.get(FLOOR, {}).get("us")) or "n/a"]
        for name in backends:
            entry = found.get(name, {})
            seen.update(entry.get("notes", ()))
            ratio = f" ({number(entry['ratio_to_floor'])})" if entry.get("ratio_to_floor") else ""
            row.append(f"{number(entry.get('us')) or 'n/a'}{ratio} {marked(entry, letters)}".rstrip())
        rows.append(row)
    title = f"{SHORT_SIZE} Variables in {shape}; microseconds, medians, and how many times the floor."
    notes = "; ".join(f"{letter}: {note}" for note, letter in letters.items() if note in seen)
    return "\n".join(
        [title, "", *_grid(["operation", FLOOR, *backends], rows, 1), "", *([f"{notes}.", ""] if notes else [])]
    )


def stages(summary: Summary) -> str:
    """One line for each compiled function: the stages of its first call; empty if none was measured."""
    cells = by_cell(summary)
    found: dict[tuple[str, str, int], dict[str, dict[str, dict[str, float]]]] = {}
    for (operation, shape, size), entries in cells.items():
        name, _, stage = operation.partition(":")
        if stage:
            found.setdefault((name, shape, size), {})[stage] = entries
    if not found:
        return ""
    known = list(dict.fromkeys(stage for each in found.values() for stage in each))
    rows = [
        [name, shape, f"{size:,}", who, *(number(each.get(stage, {}).get(who, {}).get("us")) for stage in known)]
        for (name, shape, size), each in found.items()
        for who in contestants(summary)
    ]
    header = ["function", "shape", "size", "who", *(f"{stage}, us" for stage in known)]
    return "\n".join(["## Stages of the first call", "", *_grid(header, rows, 4), ""])


def full(summary: Summary, command: str = "") -> str:
    """The page of a run.

    Args:
        summary: the run.
        command: how to repeat it; empty for what was typed.
    """
    lines = ["# What transforms cost", "", *(f"- {line}" for line in head(summary)), ""]
    lines += ["Once more:", "", "```sh", command or summary["command"], "```", ""]
    lines += ["## In short", "", short(summary), stages(summary)]
    anchored = ANCHOR in summary["backends"]
    slopes, cells, letters = slopes_of(summary), by_cell(summary), marks(summary)
    lines += [line for each in legend(summary) for line in (each, "")]
    for operation, about in summary["operations"].items():
        if about["group"] == "stage":
            continue
        lines += [f"## {operation}", "", f"{about['what']}. Floor: {about['floor']}.", ""]
        header = ["shape", "size", "who", "us", "x floor", *(["x flax"] if anchored else []), "us/Variable", "rounds"]
        rows = [
            [
                shape,
                f"{size:,}",
                f"{who} {marked(entry, letters)}".rstrip(),
                number(entry.get("us")) or "n/a",
                number(entry.get("ratio_to_floor")),
                *([number(entry.get("ratio_to_flax"))] if anchored else []),
                number(entry.get("us_per_variable")),
                str(entry.get("rounds", "")),
            ]
            for (op, shape, size), found in cells.items()
            if op == operation
            for who, entry in found.items()
        ]
        lines += [*_grid(header, rows, 3), ""]
        of_this = {(sh, who): p for (op, sh, who), p in slopes.items() if op == operation}
        if of_this:
            listed = ", ".join(f"{who} {p:.2f} ({shape})" for (shape, who), p in of_this.items())
            lines += [f"Slope of cost over size: {listed}.", ""]
    left_out = not_timed(summary)
    lines += ["## Not timed", "", *(f"- {line}" for line in left_out), ""] if left_out else []
    return "\n".join(lines).rstrip() + "\n"


README = ("jit-train", "jit-forward", "jit-empty", "split", "merge", "update", "clone")
"""The operations of the short table in the README of the project."""


def main(arguments: Sequence[str]) -> int:
    """Prints the short table of a run that has been."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: python -m nnxspec.benchmarks.markdown RUN.json [OPERATION ...]  # the short table of a run")
        return 0 if arguments else 2
    try:
        found = read(Path(arguments[0]))
    except FileError as error:
        return bad_input(str(error))
    unknown = [name for name in arguments[1:] if name not in found["operations"]]
    if unknown:
        return bad_input(f"{arguments[0]} has no operation {unknown[0]!r}; it has {', '.join(found['operations'])}")
    print(short(found, arguments[1:] or README), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
