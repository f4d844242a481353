"""What changed between two reports, as text, Markdown and JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ..matrix.difference import Change, names, remarks
from ..matrix.merged import short_place, without_paths
from ..report import Report
from ..verdicts import Record
from .counts import KNOWN_LAWS
from .markdown import cell
from .words import example_of, reason_of

_WIDTH = 200
_LINES = 24
"""Lines of an example that are shown; the whole of it is in the report."""


def as_text(old: Report, new: Report, found: Sequence[Change], files: tuple[str, str] | None = None) -> str:
    """For a terminal.

    Args:
        old: the old report.
        new: the new report.
        found: what changed.
        files: where the reports stand, for the command that writes a script; None if they are not kept.
    """
    first, second = names(old, new)
    lines = [f"{first} -> {second}: {summary(found)}", *(f"note: {remark}" for remark in remarks(old, new))]
    for kind, group in groupby(found, key=lambda change: change.kind):
        changes = list(group)
        lines += ["", f"{kind.title} ({len(changes)})"]
        for change in changes:
            lines += _entry(change)
    if any(not change.kind.shown and change.witness is not None for change in found):
        lines += ["", "examples of laws that are told on one line: --json FILE, --html FILE"]
    if files and any(change.witness is not None for change in found):
        lines += ["", f"scripts: nnxspec reproduce {files[1]} --out DIR, and so for {files[0]}"]
    return "\n".join(lines)


def _entry(change: Change) -> list[str]:
    if not change.kind.shown:
        told = next((each for each in (change.witness, change.new, change.old) if each is not None), None)
        reason = " ".join(without_paths(reason_of(told)).split()) if told else ""
        return [f"  {change.law}: {change.words}{f': {reason}' if reason else ''}"[:_WIDTH]]
    lines = ["", f"  {change.law}: {change.words}"]
    law = KNOWN_LAWS.get(change.law)
    if law is not None:
        lines += textwrap.wrap(law.statement, 110, initial_indent="    ", subsequent_indent="    ")
    shown = change.witness
    assert shown is not None  # one of the two fails, or the kind is told on one line
    lines += [f"    on record: {reason}" for reason in on_record(shown)]
    lines.append(f"    {shown.verdict}{_whose(change, shown)}: {without_paths(reason_of(shown))}")
    code = example_of(shown).split("\n")
    if len(code) > _LINES:
        code = [*code[:_LINES], f"# ... {len(code) - _LINES} more lines"]
    return lines + [f"      {line}".rstrip() for line in code if line.strip()]


def _whose(change: Change, shown: Record) -> str:
    return " in the new report" if shown is change.new else " in the old report"


def on_record(record: Record) -> list[str]:
    """What is on record for a law: kind, reason, link and place."""
    return [
        " ".join(
            f"{e.get('kind')}: {e.get('reason')} {e.get('link', '')} ({short_place(str(e.get('where', '')))})".split()
        )
        for e in record.deviations
        if e.get("now") == "known"
    ]


def summary(found: Iterable[Change]) -> str:
    """How many laws changed in which way, on one line."""
    told = []
    for kind, group in groupby(found, key=lambda change: change.kind):
        told.append(f"{len(list(group))} {kind.title}")
    return "; ".join(told) or "no law changed its verdict"


def as_markdown(old: Report, new: Report, found: Sequence[Change]) -> str:
    """For a pull request."""
    first, second = names(old, new)
    lines = [f"## NNX laws: {cell(first)} → {cell(second)}", "", f"{summary(found)}.", ""]
    lines += [f"- {cell(remark)}" for remark in remarks(old, new)]
    for kind, group in groupby(found, key=lambda change: change.kind):
        changes = list(group)
        lines += ["", f"### {kind.title[0].upper()}{kind.title[1:]} ({len(changes)})", ""]
        for change in changes:
            lines += _folded(change)
    return "\n".join(lines).rstrip() + "\n"


def _folded(change: Change) -> list[str]:
    law, shown = KNOWN_LAWS.get(change.law), change.witness
    head = f"`{change.law}`: {change.words.replace('->', '→')}" + (f". {cell(law.statement)}" if law else "")
    if shown is None:
        return [f"- {head}"]
    code = example_of(shown)
    lines = [f"- {head}", "", "  <details><summary>The example</summary>", ""]
    lines += [f"  On record: {cell(reason)}" for reason in on_record(shown)]
    lines += [f"  {shown.verdict}{_whose(change, shown)}: {cell(without_paths(reason_of(shown)))}", ""]
    if code:
        lines += ["  ```python", *(f"  {line}".rstrip() for line in code.split("\n")), "  ```", ""]
    return [*lines, "  </details>", ""]


def as_dict(old: Report, new: Report, found: Sequence[Change]) -> dict[str, Any]:
    """As plain JSON values."""
    first, second = names(old, new)
    return {
        "schema": 1,
        "old": first,
        "new": second,
        "notes": list(remarks(old, new)),
        "changes": [
            {
                "law": change.law,
                "kind": change.kind.slug,
                "old": change.old.verdict if change.old else None,
                "new": change.new.verdict if change.new else None,
                "difference": without_paths(reason_of(change.witness)) if change.witness else "",
                "digest": change.witness.digest if change.witness else "",
                "witness": change.witness.witness if change.witness else None,
                "script": without_paths(change.witness.script) if change.witness else "",
            }
            for change in found
        ],
    }
