"""One HTML page that shows a matrix: terms and laws by backends, each law with all that is known of it.

The page needs no other file and no network. What is shown at once is plain HTML; what a law opens to is data in the
page, which its script turns into elements (text is only ever set as text, so nothing in a report becomes markup).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import nnxspec
from nnxspec.spec import TERMS

from ..matrix.merged import Matrix, short_place, without_paths
from ..matrix.texts import Texts
from ..report import Report
from ..table import headline
from ..verdicts import FIXED, HOLDS, KNOWN, UNSUPPORTED, VERDICTS, Record
from . import counts
from .frame import document, top
from .words import MEANINGS, NOTHING, SYMBOLS, asset, example_of, glossary, paragraphs, prose, reason_of, text

_TERMS = {term.slug: term for term in TERMS}
_FEW = 5  # columns that fit an upright sheet of paper


def page(matrix: Matrix, title: str = "NNX laws by backend") -> str:
    """The page.

    Args:
        matrix: what it shows.
        title: its title.
    """
    terms = counts.terms_of(matrix)
    data = json.dumps(_data(matrix, terms), ensure_ascii=False, separators=(",", ":"))
    body = ['<a class="skip" href="#laws">Skip to the laws</a>', _head(matrix, title), _legend(matrix)]
    body += [_by_term(matrix, terms), _by_law(matrix, terms), _about(matrix)]
    many = " many" if len(matrix.columns) > _FEW else ""
    return document(
        title,
        f"<style>\n{asset('style.css')}</style>\n<script>\n{asset('theme.js')}</script>",
        "\n".join([*body, _scripts(data)]),
        attributes=f' class="report{many}" style="--n:{len(matrix.columns)}"',
    )


def _scripts(data: str) -> str:
    """What laws open to, as JSON, and the script that reads it."""
    held = f'<script type="application/json" id="data">{_harmless(data)}</script>'
    return f"{held}\n<script>\n{asset('report.js')}</script>"


def _harmless(data: str) -> str:
    """JSON that cannot end the element that holds it."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _head(matrix: Matrix, title: str) -> str:
    columns = len(matrix.columns)
    laws = len(matrix.laws())
    said = f"{laws} laws of the NNX object model, {columns} backend{'s' * (columns != 1)}"
    notes = [*(f"{each.column}: {each.reason}" for each in matrix.missing), *matrix.notes]
    told = "".join(f"<li>{text(without_paths(note))}</li>" for note in notes)
    return top(title, f"{said}.") + (f'<ul class="notes" aria-label="Notes">{told}</ul>' if told else "")


def _legend(matrix: Matrix) -> str:
    used = {record.verdict for report in matrix.columns for record in report.laws}
    items = "".join(
        f"<div><dt>{_verdict(verdict)}</dt><dd>{text(MEANINGS[verdict])}</dd></div>"
        for verdict in VERDICTS
        if verdict in used
    )
    return f'<details class="legend"><summary>What the verdicts mean</summary><dl>{items}</dl></details>'


def _verdict(verdict: str, number: int | None = None) -> str:
    """A verdict as its sign and its word, with how often it occurs."""
    lead = f'<b class="n">{number}</b> ' if number is not None else ""
    return f'<span class="v {verdict}">{lead}<i aria-hidden="true">{SYMBOLS[verdict]}</i> {verdict}</span>'


def _columns(matrix: Matrix, first: str) -> str:
    """The head of a table."""
    cells = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in [first, *map(_label, matrix.labels)])
    return f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead>'


def _label(label: str) -> str:
    """A column's name: the backend first, what distinguishes it below."""
    first, _, rest = label.partition(" ")
    return f"{text(first)}<small>{text(rest)}</small>" if rest else text(first)


def _by_term(matrix: Matrix, terms: Mapping[str, list[str]]) -> str:
    records = matrix.records()
    rows = []
    for slug, names in [("", [name for found in terms.values() for name in found]), *terms.items()]:
        cells = [_tally(counts.count(names, held), label) for held, label in zip(records, matrix.labels, strict=True)]
        name = f'<a href="#term-{slug}">{text(_name(slug))}</a>' if slug else "All laws"
        rows.append(
            f'<tr role="row"{"" if slug else " class=all"}><th scope="row" role="rowheader">{name}'
            f" <small>{len(names)} law{'s' * (len(names) != 1)}</small></th>{''.join(cells)}</tr>"
        )
    return (
        '<section aria-labelledby="by-term"><h2 id="by-term">By term</h2><div class="wide">'
        f'<table class="terms" role="table">{_columns(matrix, "Term")}'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table></div></section>'
    )


def _name(slug: str) -> str:
    return _TERMS[slug].name if slug in _TERMS else "No longer in the specification"


def _tally(found: Mapping[str, int], label: str) -> str:
    total = sum(found.values())
    parts = counts.told(found)
    bar = "".join(f'<i class="{verdict}" style="flex:{number}"></i>' for verdict, number in parts)
    words = "".join(f"<li>{_verdict(verdict, number)}</li>" for verdict, number in parts)
    inside = f'<div class="bar" aria-hidden="true">{bar}</div><ul class="tally">{words}</ul>' if total else NOTHING
    return f'<td role="cell" data-label="{text(label)}">{inside}</td>'


def _by_law(matrix: Matrix, terms: Mapping[str, list[str]]) -> str:
    records, labels = matrix.records(), [text(label) for label in matrix.labels]
    groups = []
    for slug, names in terms.items():
        rows = []
        for name in names:
            cells = [_cell(held.get(name), label) for held, label in zip(records, labels, strict=True)]
            rows.append(_row(name, "".join(cells)))
        define = (
            prose(_TERMS[slug].definition) if slug in _TERMS else "Laws of a report that this nnxspec does not have."
        )
        groups.append(
            f'<tbody role="rowgroup" data-term="{slug}"><tr role="row" class="term">'
            f'<th role="rowheader" scope="rowgroup" id="term-{slug}" colspan="{len(labels) + 1}">'
            f"<div><h3>{text(_name(slug))}</h3><p>{define}</p></div></th></tr>"
            f"{''.join(rows)}</tbody>"
        )
    return (
        f'<section aria-labelledby="laws"><h2 id="laws">By law</h2>{_controls(matrix, terms)}<div class="wide">'
        f'<table class="laws" role="table">{_columns(matrix, "Law")}{"".join(groups)}</table></div></section>'
    )


def _row(name: str, cells: str) -> str:
    law = counts.KNOWN_LAWS.get(name)
    said = prose(law.statement) if law else "This law is no longer in the specification."
    level = '<span class="level">SHOULD</span>' if law and law.level == "SHOULD" else ""
    return (
        f'<tr role="row" class="law" data-law="{text(name)}"><th scope="row" role="rowheader"><button type="button" '
        f'aria-expanded="false">{text(name)}</button>{level}<p>{said}</p></th>{cells}</tr>'
    )


def _cell(record: Record | None, label: str) -> str:
    inside = f'<span class="v none">· {NOTHING}</span>' if record is None else _verdict(record.verdict)
    return f'<td role="cell" data-label="{label}">{inside}</td>'


def _controls(matrix: Matrix, terms: Mapping[str, list[str]]) -> str:
    used = {record.verdict for report in matrix.columns for record in report.laws}
    boxes = "".join(
        f'<label class="check"><input type="checkbox" name="verdict" value="{verdict}"> {_verdict(verdict)}</label>'
        for verdict in VERDICTS
        if verdict in used
    )
    chosen = "".join(f'<option value="{slug}">{text(_name(slug))}</option>' for slug in terms)
    columns = "".join(f'<option value="{i}">{text(label)}</option>' for i, label in enumerate(matrix.labels))
    several = len(matrix.columns) > 1
    differ = '<label class="check"><input type="checkbox" name="differ"> backends differ</label>' if several else ""
    where = f'<label>in <select name="column"><option value="">any backend</option>{columns}</select></label>'
    return (
        '<form class="controls" role="search" aria-label="Filter the laws"><label class="grow">Search '
        '<input type="search" name="words" placeholder="id, statement or failure" spellcheck="false">'
        f'</label><label>Term <select name="term"><option value="">all terms</option>{chosen}</select></label>'
        f"<fieldset><legend>Verdict</legend>{boxes}{where if several else ''}{differ}</fieldset>"
        '<p class="shown"><span role="status" id="shown"></span> '
        '<button type="reset" class="quiet">Clear filters</button> '
        '<button type="button" class="quiet" id="close" hidden>Close all</button></p></form>'
    )


def _about(matrix: Matrix) -> str:
    items = "".join(
        f"<li><b>{text(label)}</b>: {text(headline(report))}; {text(report.platform)}; {_effort(report)}</li>"
        for label, report in zip(matrix.labels, matrix.columns, strict=True)
    )
    return (
        f"<footer><h2>How this was found</h2><ul>{items}</ul><p>Written by nnxspec {text(nnxspec.__version__)}. "
        "Keys: Tab or the arrows lead to a law, Enter opens it, Escape closes it, / goes to the search.</p></footer>"
    )


def _effort(report: Report) -> str:
    examples = sum(record.examples for record in report.laws)
    return f"{examples} examples in {sum(record.seconds for record in report.laws):.0f} s"


def _data(matrix: Matrix, terms: Mapping[str, list[str]]) -> dict[str, Any]:
    """What laws open to, by id, with every text kept once."""
    texts, records = Texts(), matrix.records()
    laws = {}
    for name in (name for names in terms.values() for name in names):
        laws[name] = _law(name) | {"found": _found(name, records, texts)}
    return {"columns": matrix.labels, "laws": laws, "parts": texts.parts, "symbols": SYMBOLS}


def _law(name: str) -> dict[str, Any]:
    law = counts.KNOWN_LAWS.get(name)
    if law is None:
        return {"gone": True}
    return {
        "level": law.level,
        "html": paragraphs(law.rationale),
        "remark": prose(law.reason),
        "tags": list(law.tags),
        "needs": list(law.needs),
        "uses": list(law.uses),
        "term": law.term.name,
        "link": glossary(law.term),
    }


def _found(name: str, records: Iterable[Mapping[str, Record]], texts: Texts) -> list[dict[str, Any]]:
    """What was found of a law: columns in which it is the same stand together."""
    groups: dict[str, dict[str, Any]] = {}
    for column, held in enumerate(records):
        record = held.get(name)
        if record is None or record.verdict == HOLDS:
            continue
        shown = _shown(record, texts)
        key = json.dumps({k: v for k, v in shown.items() if k not in ("script", "tried", "traceback")}, sort_keys=True)
        groups.setdefault(key, shown | {"columns": []})["columns"].append(column)
    return list(groups.values())


def _shown(record: Record, texts: Texts) -> dict[str, Any]:
    told: dict[str, Any] = {"verdict": record.verdict, "reason": without_paths(reason_of(record))}
    known = [
        {
            "kind": str(entry.get("kind", "")),
            "reason": str(entry.get("reason", "")),
            "link": str(entry.get("link", "")),
            "where": short_place(str(entry.get("where", ""))),
        }
        for entry in record.deviations
        if entry.get("now") in (KNOWN, FIXED)
    ]
    if known:
        told["known"] = known
    if record.verdict in (UNSUPPORTED, FIXED):
        return told
    for field in ("claim", "about", "expected", "came", "difference", "traceback", "digest"):
        value = without_paths(getattr(record, field))
        if value:
            told[field] = value
    if code := example_of(record):
        told["example"] = texts.add(code)
    if record.script:
        told["script"] = texts.add(without_paths(record.script))
    told["tried"] = record.examples
    return told
