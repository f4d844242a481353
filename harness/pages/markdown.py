"""A matrix as Markdown, for a pull request or a release note: tables first, then what fails, folded away."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from nnxspec.spec import TERMS

from ..matrix.merged import Matrix, without_paths
from ..table import headline
from ..verdicts import KNOWN, Record
from . import counts
from .words import FAILING, NOTHING, SYMBOLS, example_of, reason_of

LIMIT = 60_000
"""Characters: a comment on GitHub takes 65,536."""

_WORDS = 6  # more columns than these have no room for words
_NAMES = {term.slug: term.name for term in TERMS}


def markdown(matrix: Matrix, limit: int = LIMIT) -> str:
    """The matrix as Markdown.

    Args:
        matrix: the matrix.
        limit: how many characters there may be; details that do not fit are left out, and that is said.
    """
    head = ["## NNX laws by backend", *_notes(matrix), _terms(matrix)]
    room = limit - len("\n\n".join([*head, _runs(matrix)])) - 400
    text = "\n\n".join([*head, _laws(matrix, room), _runs(matrix)]) + "\n"
    details: list[str] = []
    left_out = 0
    for detail in _details(matrix):
        if len(text) + sum(len(each) for each in details) + len(detail) + 200 > limit:
            left_out += 1
        else:
            details.append(detail)
    if details:
        text += "\n### What fails\n\n" + "\n".join(details)
    if left_out:
        text += f"\n{left_out} more are left out here, because the text would be too long; the HTML page has all.\n"
    return text


def _notes(matrix: Matrix) -> list[str]:
    lines = [f"- {cell(each.column)}: {cell(each.reason)}" for each in matrix.missing]
    lines += [f"- {cell(without_paths(note))}" for note in matrix.notes]
    return ["\n".join(lines)] if lines else []


def cell(text: str) -> str:
    """Text for a table's cell or a line: nothing in it is markup, and it stays on its line."""
    text = html.escape(" ".join(text.split()), quote=False)
    for sign in "\\`*_[]|~":
        text = text.replace(sign, f"\\{sign}")
    return text


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _head(first: str, matrix: Matrix) -> list[str]:
    return [_row([first, *map(cell, matrix.labels)]), _row(["---"] * (len(matrix.columns) + 1))]


def _terms(matrix: Matrix) -> str:
    records, terms = matrix.records(), counts.terms_of(matrix)
    lines = _head("term", matrix)
    for slug, names in terms.items():
        lines.append(
            _row([_NAMES.get(slug, "no longer there"), *(_tally(counts.count(names, held)) for held in records)])
        )
    every = [name for names in terms.values() for name in names]
    lines.append(_row(["**all**", *(_tally(counts.count(every, held)) for held in records)]))
    return "\n".join(lines)


def _tally(found: Counter[str]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.told(found)) or NOTHING


def _failing(matrix: Matrix) -> list[str]:
    return [
        name
        for names in counts.terms_of(matrix).values()
        for name in names
        if any(name in held and held[name].verdict in FAILING for held in matrix.records())
    ]


def _laws(matrix: Matrix, room: int) -> str:
    names, records = _failing(matrix), matrix.records()
    if not names:
        return "No law fails."
    brief = len(matrix.columns) > _WORDS
    signs = ", ".join(f"{sign} {verdict}" for verdict, sign in SYMBOLS.items())
    lead = f"{len(names)} law{'s' * (len(names) != 1)} not kept by every backend"
    lines = [f"{lead} ({signs}):" if brief else f"{lead}:", "", *_head("law", matrix)]
    rows = [_row([f"`{name}`", *(_verdict(held.get(name), brief) for held in records)]) for name in names]
    room -= len("\n".join(lines))
    for number, row in enumerate(rows):
        room -= len(row) + 1
        if room < 0:
            return "\n".join([*lines, "", f"{len(rows) - number} laws more, for which there is no room here."])
        lines.append(row)
    return "\n".join(lines)


def _verdict(record: Record | None, brief: bool) -> str:
    """A verdict for a cell; where there are many columns its sign alone, which a line above the table explains."""
    if record is None:
        return "" if brief else NOTHING
    return SYMBOLS[record.verdict] if brief else f"{SYMBOLS[record.verdict]} {record.verdict}"


def _details(matrix: Matrix) -> list[str]:
    """A folded part for each law that newly fails; what is on record has its place in the table above."""
    parts = []
    for name in _failing(matrix):
        seen: dict[str, list[str]] = {}
        shown: dict[str, Record] = {}
        for label, held in zip(matrix.labels, matrix.records(), strict=True):
            record = held.get(name)
            if record is not None and record.verdict in FAILING and record.verdict != KNOWN:
                seen.setdefault(reason_of(record), []).append(label)
                shown.setdefault(reason_of(record), record)
        if not shown:
            continue
        law = counts.KNOWN_LAWS.get(name)
        lines = [f"<details><summary><code>{name}</code>: {html.escape(law.statement if law else '')}</summary>", ""]
        for reason, record in shown.items():
            who = ", ".join(cell(label) for label in seen[reason])
            lines += [f"{SYMBOLS[record.verdict]} {record.verdict} by {who}: {cell(without_paths(reason))}", ""]
            code = example_of(record)
            if code:
                fence = "```" if "```" not in code else "~~~~~"
                lines += [f"{fence}python", *code.split("\n"), fence, ""]
        parts.append("\n".join([*lines, "</details>", ""]))
    return parts


def _runs(matrix: Matrix) -> str:
    lines = [
        f"- {cell(label)}: {cell(headline(report))}"
        for label, report in zip(matrix.labels, matrix.columns, strict=True)
    ]
    return "\n".join(["<details><summary>How this was found</summary>", "", *lines, "", "</details>"])
