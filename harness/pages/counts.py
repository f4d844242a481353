"""Counting: how many laws of a term got which verdict in each column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nnxspec.spec import TERMS, Law
from nnxspec.spec.laws import LAWS

from ..matrix.merged import Matrix
from ..verdicts import UNSUPPORTED, VERDICTS, Record

KNOWN_LAWS: Mapping[str, Law] = {law.id: law for law in LAWS}
"""The laws of this nnxspec by id."""

GONE = "gone"
"""Where laws of a report stand that this nnxspec does not have, and whose term it cannot tell."""


def terms_of(matrix: Matrix) -> dict[str, list[str]]:
    """The laws that a matrix speaks of under the slugs of their terms, in the order of the catalogue."""
    place = {name: i for i, name in enumerate(KNOWN_LAWS)}
    told = {record.law: record.term for report in matrix.columns for record in report.laws}
    slugs = [term.slug for term in TERMS]
    found: dict[str, list[str]] = {slug: [] for slug in [*slugs, GONE]}
    for name in sorted(told, key=lambda name: (place.get(name, len(place)), name)):
        slug = KNOWN_LAWS[name].term.slug if name in KNOWN_LAWS else told[name]
        found[slug if slug in found else GONE].append(name)
    return {slug: names for slug, names in found.items() if names}


def count(names: Sequence[str], records: Mapping[str, Record]) -> Counter[str]:
    """How many of some laws got which verdict in one column."""
    return Counter(records[name].verdict for name in names if name in records)


def told(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The verdicts that occur, with their number, in the order in which tables show them."""
    return [(verdict, counts[verdict]) for verdict in VERDICTS if counts.get(verdict)]


def applicable(counts: Mapping[str, int]) -> int:
    """How many laws a column was held to: all that have a verdict but those that it does not support."""
    return sum(number for verdict, number in counts.items() if verdict != UNSUPPORTED)
