"""FINDINGS.md: what reports say is violated, law by law, for those who maintain the libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnxspec.spec import TERMS, Law

from .. import deviations
from ..deviations import Deviation
from ..matrix.merged import Matrix, without_paths
from ..report import Report
from ..table import headline
from ..verdicts import ERROR, KNOWN, UNSTABLE, VIOLATED, Record
from . import counts
from .markdown import cell
from .words import example_of, reason_of

_SHOWN = (VIOLATED, KNOWN, ERROR, UNSTABLE)
_KINDS = {
    "bug": "we believe this is not intended",
    "limitation": "defensible; it surprises, and we did not find it documented",
    "by-design": "documented, or inherited from jax on purpose",
}
_LONGEST = 60

_HEAD = """\
# Findings

What each library does differently from the laws of this specification, in its newest release at the time of writing. A
difference is not always a fault: some are choices, and a law can be wrong. Each law comes with why it is one, and each
difference with the smallest example that shows it. If you maintain one of these libraries and think that a law asks
for too much, please tell us: laws have been changed for less.

This page is written by `nnxspec findings`; {made}.
"""


def findings(
    matrix: Matrix,
    bisected: Mapping[tuple[str, str], str],
    scripts: Path | None = None,
    *,
    base: str = "",
    command: str = "",
) -> str:
    """The page.

    Args:
        matrix: the reports, made without deviations so that they hold expected and actual of every violation.
        bisected: since when a law is violated, in words, by backend and law.
        scripts: a folder with short scripts in the libraries' own API, ``BACKEND/LAW.py``.
        base: what stands before ``BACKEND/LAW.py`` in links to them.
        command: the command that made the reports.
    """
    made = f"the reports come from `{command}`" if command else "it is not meant to be edited"
    on_record = _on_record()
    parts = [_HEAD.format(made=made)]
    shown = [(report, _violations(report)) for report in matrix.columns]
    parts.append(_contents(matrix, shown))
    for label, (report, records) in zip(matrix.labels, shown, strict=True):
        if not records:
            continue
        parts.append(f"## {label}\n\n{cell(headline(report))}\n")
        for record in records:
            known = on_record.get((report.backend, record.law), [])
            since = bisected.get((report.backend, record.law), "")
            parts.append(_finding(report, record, known, since, scripts, base))
    return "\n".join(parts).rstrip() + "\n"


def _violations(report: Report) -> list[Record]:
    found = [record for record in report.laws if record.verdict in _SHOWN]
    order = {term.slug: index for index, term in enumerate(TERMS)}
    return sorted(found, key=lambda record: (record.level != "MUST", order.get(record.term, 99), record.law))


def _contents(matrix: Matrix, shown: Sequence[tuple[Report, list[Record]]]) -> str:
    lines = ["| library | laws tried | hold | differ: MUST | differ: SHOULD |", "|---|---|---|---|---|"]
    for label, (report, records) in zip(matrix.labels, shown, strict=True):
        musts = sum(record.level == "MUST" for record in records)
        held = sum(record.verdict in ("holds", "fixed") for record in report.laws)
        tried = sum(record.verdict != "unsupported" for record in report.laws)
        lines.append(f"| {cell(label)} | {tried} | {held} | {musts} | {len(records) - musts} |")
    return "\n".join(lines) + "\n"


def _finding(
    report: Report, record: Record, known: Sequence[Deviation], since: str, scripts: Path | None, base: str
) -> str:
    law: Law | None = counts.KNOWN_LAWS.get(record.law)
    lines = [f"### `{record.law}` ({record.level})", "", law.statement if law else "(this law is gone)", ""]
    if law is not None and law.rationale:
        lines += [law.rationale, ""]
    if since:
        lines += [f"Since: {cell(since)}.", ""]
    for each in known:
        word = _KINDS.get(each.kind, each.kind)
        link = f" ([evidence]({each.link}))" if each.link else ""
        lines += [f"- {cell(each.reason)}: {word}{link}."]
    lines += [""] if known else []
    lines += ["| expected | came |", "|---|---|", f"| {_short(record.expected)} | {_short(record.came)} |", ""]
    if not record.expected and not record.came:
        lines[-4:] = [f"What came: {cell(without_paths(reason_of(record)))}.", ""]
    elif record.difference:
        lines += [f"First difference: {cell(without_paths(record.difference))}.", ""]
    script = scripts / report.backend / f"{record.law}.py" if scripts is not None else None
    if script is not None and script.is_file():
        lines += _code(script.read_text(encoding="utf-8"))
        lines += [f"Script: [{base}{report.backend}/{record.law}.py]({base}{report.backend}/{record.law}.py)", ""]
    else:
        lines += _code(example_of(record))
        lines += [
            f"Stand-alone script: `nnxspec reproduce {record.law} --backend {report.named or report.backend}`",
            "",
        ]
    return "\n".join(lines)


def _short(text: str) -> str:
    """The beginning of an observation, for a cell of a table."""
    lines = [line.strip() for line in without_paths(text).strip().splitlines()]
    whole = "; ".join(lines)
    return cell(whole if len(whole) <= 2 * _LONGEST else whole[: 2 * _LONGEST] + " ...") or "-"


def _code(text: str) -> list[str]:
    if not text.strip():
        return []
    fence = "```" if "```" not in text else "~~~~~"
    return [f"{fence}python", *text.rstrip().split("\n"), fence, ""]


def _on_record() -> dict[tuple[str, str], list[Deviation]]:
    """The violations that nnxspec has on record, by backend and law, each reason once."""
    found: dict[tuple[str, str], list[Deviation]] = {}
    for path in deviations.shipped():
        for each in deviations.load(path, shipped=True):
            held = found.setdefault((each.backend, each.law), [])
            if each.reason not in {other.reason for other in held}:
                held.append(each)
    return found


def told_by(data: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What a file of `nnxspec bisect --json` says, in words, by backend and law.

    Raises:
        ValueError: it is no such file.
    """
    if data.get("schema") != 1 or not isinstance(data.get("laws"), dict):
        raise ValueError("it is not what 'nnxspec bisect --json' writes")
    told = {}
    for law, each in data["laws"].items():
        holds = (
            f"; {each['holds_in']} keeps the law" if each["holds_in"] else ", the oldest release that could be tried"
        )
        told[str(data["backend"]), str(law)] = f"{each['violated_since']}{holds}"
    return told
