"""A badge: the JSON that shields.io's endpoint reads."""

from __future__ import annotations

from typing import Any

from ..report import Report
from ..verdicts import BLOCKED, ERROR, FIXED, HOLDS, KNOWN, UNSTABLE, VIOLATED
from .counts import applicable, count


def badge(report: Report, label: str = "NNX laws") -> dict[str, Any]:
    """What a badge says of a report: how many of the laws that the backend is held to hold, and how that is meant.

    Green: all. Yellow: what does not hold is on record. Red: something else is violated. Grey: nothing was tried.

    Args:
        report: the report.
        label: the badge's left side.
    """
    counts = count([record.law for record in report.laws], {record.law: record for record in report.laws})
    hold, of = counts[HOLDS] + counts[FIXED], applicable(counts)
    wrong = sum(counts[verdict] for verdict in (VIOLATED, BLOCKED, UNSTABLE, ERROR))
    told = [f"{hold} of {of} hold"]
    if wrong:
        told.append(f"{wrong} violated")
    if counts[KNOWN]:
        told.append(f"{counts[KNOWN]} known")
    color = "lightgrey" if not of else "red" if wrong else "yellow" if counts[KNOWN] else "brightgreen"
    return {"schemaVersion": 1, "label": label, "message": ", ".join(told) if of else "none tried", "color": color}
