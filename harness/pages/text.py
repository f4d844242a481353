"""A matrix as a table for a terminal."""

from __future__ import annotations

from collections import Counter

from nnxspec.spec import TERMS

from ..matrix.merged import Matrix
from ..table import aligned
from ..verdicts import FIXED, HOLDS, UNSUPPORTED, VERDICTS
from . import counts

_NAMES = {term.slug: term.name for term in TERMS}


def table(matrix: Matrix) -> str:
    """Columns by terms: how many laws hold of those that the backend is held to; then how many got which verdict."""
    names = [f"[{i}]" for i in range(1, len(matrix.columns) + 1)]
    terms, records = counts.terms_of(matrix), matrix.records()
    rows = [["term", *names]]
    for slug, laws in terms.items():
        rows.append([_NAMES.get(slug, "no longer there"), *(_share(counts.count(laws, held)) for held in records)])
    every = [name for laws in terms.values() for name in laws]
    totals = [counts.count(every, held) for held in records]
    rows.append(["all", *map(_share, totals)])
    first = len(rows)
    rows += [
        [verdict, *(str(each[verdict] or "-") for each in totals)]
        for verdict in VERDICTS
        if any(each[verdict] for each in totals)
    ]
    lines = aligned(rows)
    rule = "-" * len(lines[0])
    legend = [f"{name} {label}" for name, label in zip(names, matrix.labels, strict=True)]
    lost = [f"without a report: {each.column}: {each.reason}" for each in matrix.missing]
    notes = [f"note: {note}" for note in matrix.notes]
    body = (
        [lines[0], rule, *lines[1 : first - 1], rule, lines[first - 1], rule, *lines[first:]] if matrix.columns else []
    )
    return "\n".join([*body, *([""] if body else []), *legend, *lost, *notes])


def _share(found: Counter[str]) -> str:
    """How many laws hold of how many; a dash where none applies."""
    of = sum(number for verdict, number in found.items() if verdict != UNSUPPORTED)
    return f"{found[HOLDS] + found[FIXED]}/{of}" if of else "-"
