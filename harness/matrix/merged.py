"""A matrix: the reports of several runs beside each other, with names that tell them apart, as one JSON file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnxspec.spec.laws import LAWS

from ..files import FileError, put
from ..report import Report, raw, tolerant
from ..verdicts import Record
from .running import Missing
from .texts import Texts, whole

SCHEMA = 1
"""Version of the matrix's form; each report in it has its own."""

_PATH = re.compile(r'(?:[A-Za-z]:)?[/\\][^\s"\'<>|]*?[/\\](?=(?:site-packages|nnxspec|python3\.\d+)[/\\])')


@dataclass
class Matrix:
    """Reports side by side.

    Args:
        columns: the reports, in the order in which they are shown.
        missing: columns that have none.
        notes: what a reader has to know of how the reports were read, a line each.
    """

    columns: list[Report]
    missing: list[Missing] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """A short name for each column; where two would have the same, what differs between them is added."""
        return labels(self.columns)

    def records(self) -> list[dict[str, Record]]:
        """For each column its records by the id of the law."""
        return [{record.law: record for record in report.laws} for report in self.columns]

    def laws(self) -> list[str]:
        """Every law of which some column has a verdict, by id."""
        return sorted({record.law for report in self.columns for record in report.laws})

    def as_dict(self) -> dict[str, Any]:
        """The matrix as plain JSON values, without paths of the machine on which it was made."""
        texts = Texts()
        columns = [_anonymous(report.as_dict()) for report in self.columns]
        for column in columns:
            for record in column["laws"]:
                record["script"] = texts.add(record["script"])
        missing = [{"column": each.column, "reason": each.reason} for each in self.missing]
        return {"schema": SCHEMA, "columns": columns, "missing": missing, "parts": texts.parts}


def labels(reports: Sequence[Report]) -> list[str]:
    """A short name for each report."""
    names = [f"{report.backend} {report.versions.get('backend', '')}".strip() for report in reports]
    for what in (_jax, _python, _device, _profile, _nnxspec):
        twice = {name for name, count in Counter(names).items() if count > 1}
        for name in twice:
            places = [i for i, each in enumerate(names) if each == name]
            if len({what(reports[i]) for i in places}) > 1:
                for i in places:
                    names[i] = f"{name}, {what(reports[i])}"
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            names[i] = f"{name} ({seen[name]})"
    return names


def _jax(report: Report) -> str:
    return f"jax {report.versions.get('jax', '?')}"


def _python(report: Report) -> str:
    return f"Python {report.versions.get('python', '?')}"


def _device(report: Report) -> str:
    return report.device


def _profile(report: Report) -> str:
    return f"profile {report.profile}"


def _nnxspec(report: Report) -> str:
    return f"nnxspec {report.versions.get('nnxspec', '?')}"


def doubles(reports: Sequence[Report]) -> list[str]:
    """A line for every two reports that are of the same backend in the same version."""
    names = [f"{report.backend} {report.versions.get('backend', '')}".strip() for report in reports]
    told = []
    for name, count in Counter(names).items():
        if count > 1:
            differing = [
                what for what in (_jax, _python, _device, _profile, _nnxspec) if _differ(what, name, names, reports)
            ]
            why = "" if differing else ": what differs between them is chance, or a changed law"
            told.append(f"{count} reports are of {name}{why}")
    return told


def gone(reports: Sequence[Report]) -> list[str]:
    """A line on laws of which a report speaks, and that this nnxspec does not have."""
    found = sorted({record.law for report in reports for record in report.laws} - {law.id for law in LAWS})
    if not found:
        return []
    listed = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
    many = (
        f"{len(found)} laws of a report no longer exist" if len(found) > 1 else "the law of a report no longer exists"
    )
    return [f"{many} in this nnxspec: {listed}"]


def _differ(what: Any, name: str, names: Sequence[str], reports: Sequence[Report]) -> bool:
    return len({what(report) for each, report in zip(names, reports, strict=True) if each == name}) > 1


def read(path: Path) -> Matrix:
    """The reports in a file: one, or those of a matrix.

    Raises:
        FileError: there is none in it that can be read.
    """
    found = raw(path)
    if "columns" not in found:
        report, notes = tolerant(path, found)
        return Matrix([report], notes=notes)
    if found["schema"] != SCHEMA or not isinstance(found["columns"], list):
        raise FileError(f"{path} is a matrix of the schema {found['schema']!r}, and this nnxspec reads {SCHEMA}")
    matrix = Matrix([])
    for index, column in enumerate(found["columns"]):
        if not isinstance(column, dict):
            raise FileError(f"{path}: columns[{index}] is {type(column).__name__}, not an object")
        where = Path(f"{path}: columns[{index}]")
        report, notes = tolerant(where, _with_scripts(where, column, found.get("parts")))
        matrix.columns.append(report)
        matrix.notes += notes
    for lost in found.get("missing", []):
        if isinstance(lost, dict) and {"column", "reason"} <= set(lost):
            matrix.missing.append(Missing(str(lost["column"]), str(lost["reason"])))
    return matrix


def _with_scripts(where: Path, column: dict[str, Any], parts: Any) -> dict[str, Any]:
    """A column as a report of its own: scripts put together."""
    laws = []
    try:
        for record in column["laws"]:
            numbers = record["script"]
            laws.append(record | {"script": numbers if isinstance(numbers, str) else whole(parts, numbers)})
    except (KeyError, TypeError, IndexError):
        raise FileError(f"{where}: the scripts cannot be put together: the file is damaged") from None
    return column | {"laws": laws}


def merge(parts: Sequence[Matrix]) -> Matrix:
    """One matrix of several, in their order."""
    together = Matrix([])
    for part in parts:
        together.columns += part.columns
        together.missing += part.missing
        together.notes += part.notes
    together.notes += [*doubles(together.columns), *gone(together.columns)]
    return together


def write(matrix: Matrix, path: Path) -> None:
    """Writes a matrix as JSON.

    Raises:
        FileError: the file system refuses.
    """
    put(path, as_json(matrix))


def as_json(matrix: Matrix) -> str:
    """A matrix as JSON with one law and one part of a script on each line: short, and `git diff` can show it."""
    data = matrix.as_dict()
    columns = []
    for column in data["columns"]:
        laws = ",\n".join(map(_dumped, column["laws"]))
        head = _dumped({k: v for k, v in column.items() if k != "laws"})
        columns.append(f'{head[:-1]},"laws":[\n{laws}\n]}}')
    missing = _dumped(data["missing"])
    parts = ",\n".join(map(_dumped, data["parts"]))
    joined = ",\n".join(columns)
    return f'{{"schema":{SCHEMA},"columns":[\n{joined}\n],\n"missing":{missing},\n"parts":[\n{parts}\n]}}\n'


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def short_place(where: str) -> str:
    """The file and lines of a deviation without the folders above."""
    return re.split(r"[/\\]", where)[-1]


def _anonymous(report: dict[str, Any]) -> dict[str, Any]:
    """A report without paths of a machine: those of installed files keep what stands below site-packages."""
    for record in report["laws"]:
        for name in ("traceback", "error", "expected", "came", "difference", "script"):
            record[name] = without_paths(record[name])
        for entry in record["deviations"]:
            if "where" in entry:
                entry["where"] = short_place(str(entry["where"]))
    return report


def without_paths(text: str) -> str:
    """The text with the paths of installed files cut to what every machine has in common."""
    return _PATH.sub("", text)
