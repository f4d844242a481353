"""What a run says: ratios, slopes, the file and its schema, comparisons, tables."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from nnxspec.benchmarks import compare, markdown, table
from nnxspec.benchmarks.operations import OPERATIONS
from nnxspec.benchmarks.run import FLOOR, Row
from nnxspec.benchmarks.summary import dumps, read, rows_of, slope, summarize, untimed
from nnxspec.harness.files import FileError

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
_MACHINE = {
    "processor": "P",
    "cores": 2,
    "system": "Linux x86_64",
    "python": "CPython 3.11",
    "devices": ["cpu"],
    "memory_gib": 8,
}


def _row(size: int, who: str, us: float, *, spread: float = 0.05, operation: str = "split") -> Row:
    figures = {"us": us, "low": us * (1 - spread), "high": us * (1 + spread), "least": us / 2, "rounds": 9, "calls": 1}
    return Row(operation, "blocks", size, who, figures, samples=[us * 1e-6] * 9)


def _summary(*rows: Row, backends: tuple[str, ...] = ("reference", "flax")) -> dict[str, Any]:
    return summarize(
        rows,
        dict.fromkeys(backends, "1.0"),
        command="nnxspec bench reference flax",
        when="2026-01-01T00:00:00+00:00",
        machine=_MACHINE,
        versions={"jax": "0.10"},
    )


def _some(factor: float = 1.0, floor: float = 1.0) -> dict[str, Any]:
    rows = [
        _row(size, who, us * size * (factor if who == "reference" else floor if who == FLOOR else 1))
        for size in (5, 50, 500)
        for who, us in (("reference", 2.0), ("flax", 8.0), (FLOOR, 0.5))
    ]
    return _summary(
        *rows, Row("pop", "blocks", 50, "flax", reason="check failed: left"), _row(50, FLOOR, 1.0, operation="pop")
    )


def test_ratios_and_cost_for_each_variable() -> None:
    entry = next(e for e in _some()["results"] if e["size"] == 50 and e["contestant"] == "reference")
    assert (entry["us"], entry["ratio_to_floor"], entry["ratio_to_flax"], entry["us_per_variable"]) == (100, 4, 0.25, 2)


def test_slopes() -> None:
    assert slope({5: 100.0, 50: 1.0, 500: 10.0, 5000: 100.0}) == 1.0  # size 5 does not count
    assert slope({50: 1.0, 500: 100.0}) == 2.0
    assert slope({5: 1.0, 50: 1.0}) is None
    assert {(e["contestant"], e["slope"]) for e in _some()["slopes"]} == {
        (w, 1.0) for w in ("reference", "flax", FLOOR)
    }


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(dumps(_some()), encoding="utf-8")
    assert read(path) == _some()
    assert len(path.read_text().splitlines()) < 130  # one line for each result


_DAMAGED = dumps(_some()).replace('"shape": "blocks", "size": 5,', '"size": 5,', 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no summary of a benchmark run: it is no JSON"),
        ("[]", "is no summary of a benchmark run: it has no 'schema'; nnxspec bench --json writes one"),
        ('{"format": "nnxspec-bench", "schema": 2}', "has schema 2, and this nnxspec reads 1"),
        ('{"format": "nnxspec-bench", "schema": 1}', "has no 'backends'"),
        (_DAMAGED, "is damaged: an entry of results has no 'shape'"),
    ],
)
def test_what_is_no_summary_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=message):
        read(tmp_path / "run.json")


def test_slower_and_faster_are_found() -> None:
    slower = compare.compare(_some(), _some(1.5))
    assert len(slower.slower) == 3 and not slower.faster and slower.compared == 6
    assert slower.slower[0].growth == pytest.approx(0.5)
    assert "slower: reference split blocks 50: 100 -> 150 us, 4 -> 6 floors (+50%)" in compare.told(slower)
    faster = compare.compare(_some(1.5), _some())
    assert len(faster.faster) == 3 and not faster.slower


def test_what_may_be_the_machine_does_not_count() -> None:
    assert not compare.compare(_some(), _some(1.2)).slower  # below the threshold
    assert len(compare.compare(_some(), _some(1.2), threshold=0.1).slower) == 3
    assert not compare.compare(_some(), _some(2.0, floor=2.0)).slower  # the floor is as much slower
    wide = _summary(_row(50, "reference", 100, spread=0.6), _row(50, FLOOR, 25))
    assert not compare.compare(
        wide, _summary(_row(50, "reference", 150), _row(50, FLOOR, 25))
    ).slower  # quartiles overlap


def test_runs_without_a_figure_in_common_are_told() -> None:
    other = _summary(_row(7, "reference", 1.0), _row(7, FLOOR, 1.0))
    assert compare.told(compare.compare(_some(), other)).startswith("nothing is compared: ")


def test_what_is_no_longer_timed_is_told() -> None:
    now = _summary(Row("split", "blocks", 50, "reference", reason="raises X"), _row(50, FLOOR, 1.0))
    assert "no longer timed: reference split blocks 50: raises X" in compare.told(compare.compare(_some(), now))


def test_the_table_shows_everything() -> None:
    text = table.whole(_some())
    assert "gc.freeze() and gc.disable()" in text and "P, 2 cores, 8 GiB" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["split", "blocks", "5", "reference", "10", "9.5..10.5", "4", "0.25", "2", "9"] in lines
    assert ["reference", "1,000", "950..1,050", "4", "0.25", "2", "9", "1.00"] in [line[-8:] for line in lines]
    assert "pop blocks 50 flax n/a check failed: left".split() in lines
    assert "  flax: pop blocks 50: check failed: left" in text


def test_reasons_are_gathered() -> None:
    rows = [
        Row("grad", "blocks", n, who, reason="capped") for n in (1, 2, 3, 4) for who in ("reference", "flax", FLOOR)
    ]
    assert list(untimed(_summary(*rows))) == [("all", "grad blocks 1, grad blocks 2 and 2 more", "capped")]


def test_markdown() -> None:
    text = markdown.full(_some(), command="once more")
    assert "| split | 250 | 1,000 (4) | 4,000 (16) |" in text
    assert "once more" in text and "- flax: pop blocks 50: check failed: left" in text
    assert "| blocks | 50 | flax | n/a |  |  |  |  |" in text


def test_another_subject_is_marked() -> None:
    rows = [_row(500, who, 10.0) for who in ("reference", "flax", FLOOR)]
    rows[0] = dataclasses.replace(rows[0], notes=("without statics", "by hand"))
    found = _summary(*rows)
    assert found["results"][0]["notes"] == ["without statics", "by hand"] and "notes" not in found["results"][1]
    assert rows_of(found)[0].notes == rows[0].notes
    text = table.whole(found)
    assert "reference ab" in text and "\na: without statics\nb: by hand" in text
    assert "a ratio to flax does not compare like with like" in text
    page = markdown.full(found)
    assert "| 10 (1) ab |" in page and "| reference ab |" in page and "a: without statics; b: by hand." in page
    assert table.legend(_some()) == []


def test_the_short_table_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.json"
    path.write_text(dumps(_some()), encoding="utf-8")
    assert markdown.main([str(path), "split"]) == 0
    assert "| split | 250 | 1,000 (4) | 4,000 (16) |" in capsys.readouterr().out
    assert markdown.main([str(path), "spilt"]) == 2
    assert "has no operation 'spilt'; it has split, pop" in capsys.readouterr().err
    assert markdown.main([str(tmp_path / "none.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_plots(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from nnxspec.benchmarks.plots import plot_all

    made = plot_all(_some(), tmp_path / "plots")
    assert [path.name for path in made] == ["split.svg"]  # pop has one size
    text = made[0].read_text(encoding="utf-8")
    assert all(f">{name}</text>" in text for name in ("reference", "flax", FLOOR, "Variables", "microseconds"))
    assert plot_all(_some(), tmp_path / "again")[0].read_bytes() == made[0].read_bytes()


def test_the_schema_is_documented() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    summary = _some()
    summary["results"].append({"notes": ["by hand"]})
    fields = {*summary, *summary["method"], *summary["machine"], "load_before"}
    fields |= {key for entry in (*summary["results"], *summary["slopes"]) for key in entry}
    assert not [field for field in fields if f"`{field}`" not in page]


@pytest.mark.parametrize("path", sorted(RESULTS.glob("bench*.json")), ids=lambda path: path.stem)
def test_published_runs_can_be_read(path: Path) -> None:
    found = read(path)
    assert set(found["operations"]) <= set(OPERATIONS)
    assert {"reference", "flax"} <= set(found["backends"]) and found["machine"]["cores"]
    text = json.dumps(found)
    assert "/home" not in text and "/tmp" not in text and "/root" not in text
    page = path.with_suffix(".md").read_text(encoding="utf-8")
    assert markdown.full(found) == page  # nnxspec bench --read FILE.json --markdown FILE.md


def test_published_runs_have_every_operation() -> None:
    entries = [entry for path in RESULTS.glob("bench*.json") for entry in read(path)["results"]]
    for who in ("reference", "flax", FLOOR):
        timed = {entry["operation"] for entry in entries if entry["contestant"] == who and "us" in entry}
        assert timed == set(OPERATIONS)
