"""The end of a run in text: terms by verdicts, and a line for every law that does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from nnxspec.spec import TERMS

from .report import Report
from .verdicts import BLOCKED, ERROR, FIXED, HOLDS, KNOWN, UNSTABLE, UNSUPPORTED, VERDICTS, Record, fails

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
    lines = aligned(rows)
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table: the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def one_line(record: Record) -> str:
    """What to say of a law that does not hold, on one line."""
    if record.verdict == ERROR:
        detail = record.error
    elif record.verdict == BLOCKED:
        detail = f"{', '.join(record.blocked_by)} fails too"
    elif record.verdict == UNSUPPORTED:
        detail = record.reason or f"no {record.missing}"
    elif record.verdict == KNOWN:
        detail = "; ".join(f"{e['kind']}: {e['reason']}" for e in record.deviations if e["now"] == KNOWN)
    elif record.verdict == FIXED:
        detail = f"the witness no longer fails; delete {', '.join(fixed_places(record))}"
    else:
        about = f"{record.about}: " if record.about else ""
        detail = about + record.difference or record.error
        if record.verdict == UNSTABLE:
            detail = f"not every time: {detail}"
    return f"{record.verdict:<9} {record.law} ({record.level}): {' '.join(detail.split())}"[:240]


def failures(records: Iterable[Record]) -> list[str]:
    """One line for every law that fails, violated ones first."""
    order = {verdict: i for i, verdict in enumerate(("violated", "fixed", UNSTABLE, ERROR, BLOCKED))}
    failed = [record for record in records if fails(record)]
    return [one_line(record) for record in sorted(failed, key=lambda r: (order[r.verdict], r.law))]


def fixed_places(record: Record) -> list[str]:
    """File and lines of every deviation of a law that is one no more."""
    return [entry["where"] for entry in record.deviations if entry["now"] == FIXED]


def on_record(records: Iterable[Record]) -> list[str]:
    """One line for every law with known violations that does not make the run fail."""
    found = [record for record in records if record.verdict in (KNOWN, FIXED) and not fails(record)]
    return [one_line(record) for record in sorted(found, key=lambda r: (r.verdict, r.law))]


def notices(report: Report) -> list[str]:
    """One line for whatever is wrong with the deviations, without any effect on the verdicts."""
    lines = list(report.notices)
    for record in report.laws:
        for entry in record.deviations:
            if entry["now"] == "malformed":
                lines.append(f"{entry['where']}: the witness of {record.law} no longer parses: {entry['detail']}")
        if record.verdict not in (KNOWN, FIXED) and (places := fixed_places(record)):
            lines.append(f"{', '.join(places)}: a witness of {record.law} no longer fails")
    return lines


def remarks(report: Report) -> list[list[str]]:
    """What is to be said beside the table, in parts: known violations, what is wrong with them, and failures."""
    return [part for part in (on_record(report.laws), notices(report), failures(report.laws)) if part]


def headline(report: Report) -> str:
    """Which backend was tested with what, on one line."""
    start = "derandomised" if report.derandomize else f"seed {report.seed}"
    parts = [f"{name} {version}" for name, version in report.versions.items() if name in ("jax", "python", "nnxspec")]
    backend = f"{report.backend} {report.versions['backend']}"
    return f"{backend}; {', '.join(parts)}; device {report.device}; profile {report.profile}, {start}"


def effort(report: Report, unreached: int = 0) -> list[str]:
    """What the run cost, and what it could not do: lines for the end.

    Args:
        report: the report.
        unreached: how many laws were not tried because a time budget was spent.
    """
    examples = sum(record.examples for record in report.laws)
    compiled = sum(record.compilations for record in report.laws)
    each = f", {compiled / examples:.2f} an example" if examples else ""
    lines = [f"{examples} examples, {compiled} compilations{each}"]
    unstable = sum(record.verdict == UNSTABLE for record in report.laws)
    if unstable:
        lines.append(
            f"{unstable} unstable: the backend does not always give the same on the same input; mend that first, since "
            "every other verdict rests on it"
        )
    if unreached:
        lines.append(f"{unreached} laws not tried, because the time budget is spent: the next run begins with them")
    return lines


def summary(report: Report) -> str:
    """How many laws got which verdict, on one line."""
    counts = Counter(record.verdict for record in report.laws)
    told = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    return f"{len(report.laws)} law{'s' * (len(report.laws) != 1)}: {told or 'no verdict'}"
