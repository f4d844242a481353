"""The end of a run in text: terms by verdicts, and a line for every law that does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nnxspec.spec import TERMS

from .report import Report
from .verdicts import BLOCKED, ERROR, FAILURES, HOLDS, UNSUPPORTED, VERDICTS, Record

_ALWAYS = (HOLDS, "violated", UNSUPPORTED, BLOCKED, ERROR)


def table(records: Iterable[Record]) -> str:
    """Terms by verdicts: how many laws of each term got which verdict."""
    counts = Counter((record.term, record.verdict) for record in records)
    verdicts = [v for v in VERDICTS if v in _ALWAYS or any(verdict == v for _, verdict in counts)]
    used = {slug for slug, _ in counts}
    rows = [["term", *verdicts]]
    for term in TERMS:
        if term.slug in used:
            rows.append([term.name, *(str(counts[term.slug, v] or "-") for v in verdicts)])
    rows.append(["all", *(str(sum(counts[t, v] for t in used) or "-") for v in verdicts)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def one_line(record: Record) -> str:
    """What to say of a law that does not hold, on one line."""
    if record.verdict == ERROR:
        detail = record.error
    elif record.verdict == BLOCKED:
        detail = f"{', '.join(record.blocked_by)} fails too"
    elif record.verdict == UNSUPPORTED:
        detail = record.reason or f"no {record.missing}"
    else:
        about = f"{record.about}: " if record.about else ""
        detail = about + record.difference
    return f"{record.verdict:<9} {record.law} ({record.level}): {' '.join(detail.split())}"[:240]


def failures(records: Iterable[Record]) -> list[str]:
    """One line for every law that fails, violated ones first."""
    order = {verdict: i for i, verdict in enumerate(("violated", "fixed", ERROR, BLOCKED))}
    failed = [record for record in records if record.verdict in FAILURES]
    return [one_line(record) for record in sorted(failed, key=lambda r: (order[r.verdict], r.law))]


def headline(report: Report) -> str:
    """Which backend was tested with what, on one line."""
    start = "derandomised" if report.derandomize else f"seed {report.seed}"
    parts = [f"{name} {version}" for name, version in report.versions.items() if name in ("jax", "python", "nnxspec")]
    backend = f"{report.backend} {report.versions['backend']}"
    return f"{backend}; {', '.join(parts)}; device {report.device}; profile {report.profile}, {start}"


def summary(report: Report) -> str:
    """How many laws got which verdict, on one line."""
    counts = Counter(record.verdict for record in report.laws)
    told = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    return f"{len(report.laws)} law{'s' * (len(report.laws) != 1)}: {told or 'no verdict'}"
