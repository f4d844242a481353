"""Reports: written whole, read with care; and the table that is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnxspec.harness import report, table
from nnxspec.harness.files import FileError, check_writable
from nnxspec.harness.verdicts import VERDICTS, Record

from . import odd

RECORDS = [
    Record("split.b", "split-and-merge", "MUST", "violated", 12, about="x", difference="at .a: 1 expected, 2 came"),
    Record("split.a", "split-and-merge", "MUST", "holds", 60),
    Record("variable.a", "variable", "SHOULD", "error", 3, error="KeyError: 'k'", traceback="...", witness={"n": [1]}),
    Record("variable.b", "variable", "MUST", "unsupported", missing="pop"),
    Record("merge.a", "merge", "MUST", "blocked", 4, blocked_by=["split.b"]),
]


def built(**changes: Any) -> report.Report:
    return report.build(odd.session(**changes), [record.as_dict() for record in RECORDS])


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report.write(built(), path)
    assert report.load(path) == built()
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert raw["schema"] == report.SCHEMA
    assert raw["versions"].keys() >= {"nnxspec", "python", "jax", "jaxlib", "numpy", "hypothesis", "backend"}
    assert [law["law"] for law in raw["laws"]] == sorted(record.law for record in RECORDS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: raw.pop("schema"), "is no report: it has no 'schema'"),
        (lambda raw: raw.update(schema=0), "has the schema 0, and this nnxspec reads 2"),
        (lambda raw: raw.pop("seed"), "seed is missing"),
        (lambda raw: raw.update(extra=1), "extra is not known"),
        (lambda raw: raw.update(laws={}), "laws is dict, and not list[Record]"),
        (lambda raw: raw["laws"].append(3), "laws[5] is int, not an object"),
        (lambda raw: raw["laws"][0].update(verdict="perhaps"), "laws[0].verdict is 'perhaps', none of holds"),
        (lambda raw: raw["laws"][1].update(examples="1"), "laws[1].examples is str, and not int"),
        (lambda raw: raw["laws"][1].update(examples=True), "laws[1].examples is bool, and not int"),
    ],
)
def test_malformed_reports_are_told_in_one_line(tmp_path: Path, change: Any, told: str) -> None:
    path = tmp_path / "report.json"
    raw = built().as_dict()
    change(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        report.load(path)
    assert told in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "is no report: it is no JSON"), (b"\xff\xfe", "it is not UTF-8 text"), (b"[]", "is no report: it has no")],
)
def test_other_files_are_no_reports(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(FileError, match=told):
        report.load(path)
    with pytest.raises(FileError, match="cannot be read: No such file"):
        report.load(tmp_path / "nowhere")


def test_places_where_no_report_can_be_written(tmp_path: Path) -> None:
    for path, told in ((tmp_path, "is a folder"), (tmp_path / "no" / "r.json", "there is no folder")):
        with pytest.raises(FileError, match=told):
            check_writable(path)
    with pytest.raises(FileError, match="cannot be written: No such file"):
        report.write(built(), tmp_path / "no" / "r.json")


def test_every_field_of_a_record_is_checked() -> None:
    assert report._fields(Path("r"), "", RECORDS[0].as_dict(), Record) == RECORDS[0].as_dict()


TABLE = """\
term             holds  violated  unsupported  blocked  error
-------------------------------------------------------------
Variable             -         -            1        -      1
Split and merge      1         1            -        -      -
Merge                -         -            -        1      -
-------------------------------------------------------------
all                  1         1            1        1      1"""

FAILURES = [
    "violated  split.b (MUST): x: at .a: 1 expected, 2 came",
    "error     variable.a (SHOULD): KeyError: 'k'",
    "blocked   merge.a (MUST): split.b fails too",
]


def test_table() -> None:
    assert table.table(RECORDS) == TABLE
    assert table.failures(RECORDS) == FAILURES
    assert table.summary(built()) == "5 laws: 1 holds, 1 violated, 1 unsupported, 1 blocked, 1 error"
    assert table.headline(built(seed=3, derandomize=False)).endswith("; profile quick, seed 3")


def test_the_table_counts_every_verdict() -> None:
    records = [Record(f"x.{verdict}", "module", "MUST", verdict) for verdict in VERDICTS]
    lines = table.table(records).splitlines()
    assert lines[0].split() == ["term", *VERDICTS]
    assert lines[-1].split() == ["all", *["1"] * len(VERDICTS)]
