"""What changed between two reports: the upgrade check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..report import Report
from ..verdicts import BLOCKED, ERROR, FIXED, HOLDS, KNOWN, UNSTABLE, UNSUPPORTED, VIOLATED, Record
from .merged import gone, labels

NEW = (VIOLATED, UNSTABLE, ERROR, BLOCKED)
_WRONG = (*NEW, KNOWN)
_RIGHT = (HOLDS, FIXED)


@dataclass(frozen=True)
class Kind:
    """One way in which a law may differ between two reports.

    Args:
        slug: short name, for JSON.
        title: what it is, as a heading.
        worse: whether the newer library breaks what the older one kept.
        shown: whether every law of it is told with its example, and not on one line.
    """

    slug: str
    title: str
    worse: bool = False
    shown: bool = True


NEWLY_VIOLATED = Kind("newly-violated", "newly violated", worse=True)
NEWLY_KNOWN = Kind("newly-known", "newly violated, and on record as known", worse=True)
NEWLY_HOLDING = Kind("newly-holding", "newly holding")
OFFERED = Kind("offered-violated", "newly supported, and violated")
ON_RECORD = Kind("on-record", "violated before and after, and now on record as known", shown=False)
OFF_RECORD = Kind("off-record", "violated before and after, and no longer on record as known", shown=False)
OTHERWISE = Kind("otherwise", "failing before and after, with another verdict", shown=False)
SUPPORTED = Kind("newly-supported", "newly supported, and holding", shown=False)
UNSUPPORTED_NOW = Kind("newly-unsupported", "no longer supported", shown=False)
APPEARED = Kind("appeared", "laws that only the new report has", shown=False)
DISAPPEARED = Kind("disappeared", "laws that only the old report has", shown=False)
KINDS = (
    NEWLY_VIOLATED,
    NEWLY_KNOWN,
    NEWLY_HOLDING,
    OFFERED,
    OFF_RECORD,
    ON_RECORD,
    OTHERWISE,
    SUPPORTED,
    UNSUPPORTED_NOW,
    APPEARED,
    DISAPPEARED,
)
"""Every kind, in the order in which they are told."""


@dataclass(frozen=True)
class Change:
    """What changed for one law.

    Args:
        law: its id.
        kind: how it changed.
        old: its record in the old report, if it has one.
        new: its record in the new report, if it has one.
    """

    law: str
    kind: Kind
    old: Record | None
    new: Record | None

    @property
    def witness(self) -> Record | None:
        """The record with the witness that shows the change: the new one where the law fails now, else the old one."""
        return next((r for r in (self.new, self.old) if r is not None and r.verdict in _WRONG), None)

    @property
    def words(self) -> str:
        """Both verdicts, the old one first."""
        return " -> ".join(record.verdict if record else "(none)" for record in (self.old, self.new))


def changes(old: Report, new: Report) -> list[Change]:
    """What changed, by kind and law."""
    before, after = ({record.law: record for record in report.laws} for report in (old, new))
    found = []
    for name in sorted(before.keys() | after.keys()):
        kind = _kind(before.get(name), after.get(name))
        if kind is not None:
            found.append(Change(name, kind, before.get(name), after.get(name)))
    return sorted(found, key=lambda change: (KINDS.index(change.kind), change.law))


def _kind(old: Record | None, new: Record | None) -> Kind | None:
    if old is None:
        return APPEARED
    if new is None:
        return DISAPPEARED
    if old.verdict == new.verdict or (old.verdict in _RIGHT and new.verdict in _RIGHT):
        return None
    if new.verdict == UNSUPPORTED:
        return UNSUPPORTED_NOW
    if new.verdict in _RIGHT:
        return SUPPORTED if old.verdict == UNSUPPORTED else NEWLY_HOLDING
    if old.verdict in _WRONG:
        return ON_RECORD if new.verdict == KNOWN else OFF_RECORD if old.verdict == KNOWN else OTHERWISE
    if old.verdict == UNSUPPORTED:
        return OFFERED
    return NEWLY_KNOWN if new.verdict == KNOWN else NEWLY_VIOLATED


def remarks(old: Report, new: Report) -> Iterator[str]:
    """What a reader has to know before believing that the library made the difference."""
    names = [f"{report.backend} {report.versions.get('backend', '')}".strip() for report in (old, new)]
    if names[0] == names[1]:
        yield f"both reports are of {names[0]}: what differs comes from something else than the library"
    elif old.backend != new.backend:
        yield f"the reports are of two backends, {names[0]} and {names[1]}"
    for what, of in (("nnxspec", "nnxspec"), ("jax", "jax"), ("python", "Python")):
        found = [report.versions.get(what, "?") for report in (old, new)]
        if found[0] != found[1]:
            yield f"{of} {found[0]} there, {found[1]} here"
    for what in ("profile", "device"):
        found = [str(getattr(report, what)) for report in (old, new)]
        if found[0] != found[1]:
            yield f"{what} {found[0]} there, {found[1]} here"
    yield from gone([old, new])


def names(old: Report, new: Report) -> tuple[str, str]:
    """What to call the two reports."""
    first, second = labels([old, new])
    return first, second
