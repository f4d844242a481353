"""What changed between two reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.matrix.difference import KINDS, changes, remarks
from nnxspec.harness.pages.changes import as_dict, as_markdown, as_text
from nnxspec.harness.report import write

from .samples import HOSTILE, NEW, OLD, record, report


def kinds(old: str, new: str) -> list[str]:
    """How a law that had one verdict and has another changed."""
    found = changes(report(record("merge.copy", old)), report(record("merge.copy", new)))
    return [change.kind.slug for change in found]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("holds", "violated", "newly-violated"),
        ("holds", "error", "newly-violated"),
        ("fixed", "unstable", "newly-violated"),
        ("unsupported", "violated", "offered-violated"),
        ("holds", "known", "newly-known"),
        ("unsupported", "known", "offered-violated"),
        ("violated", "holds", "newly-holding"),
        ("known", "fixed", "newly-holding"),
        ("error", "holds", "newly-holding"),
        ("violated", "known", "on-record"),
        ("known", "violated", "off-record"),
        ("violated", "error", "otherwise"),
        ("unsupported", "holds", "newly-supported"),
        ("holds", "unsupported", "newly-unsupported"),
        ("known", "unsupported", "newly-unsupported"),
    ],
)
def test_every_change_has_its_kind(old: str, new: str, kind: str) -> None:
    assert kinds(old, new) == [kind]


@pytest.mark.parametrize(("old", "new"), [("holds", "holds"), ("known", "known"), ("holds", "fixed")])
def test_what_stays_is_no_change(old: str, new: str) -> None:
    assert kinds(old, new) == []


EXPECTED = [
    ("newly-violated", "graph.build-observe"),
    ("newly-known", "pop.containers"),
    ("newly-holding", "pop.complete"),
    ("newly-holding", "split.round-trip"),
    ("offered-violated", "graphdef.property-setters"),
    ("on-record", "merge.copy"),
    ("newly-unsupported", "rng.split-restore"),
    ("appeared", "variable.binary-operators"),
    ("disappeared", "gone.law"),
]


def test_changes_are_told_by_kind_and_law() -> None:
    assert [(change.kind.slug, change.law) for change in changes(OLD, NEW)] == EXPECTED


def test_every_change_is_shown_with_its_example() -> None:
    found = changes(OLD, NEW)
    text = as_text(OLD, NEW, found, ("old.json", "new.json"))
    assert text.startswith("flax 1.0 -> flax 2.0: 1 newly violated; 1 newly violated, and on record as known;")
    assert "  graph.build-observe: holds -> violated\n" in text
    assert "    violated in the new report: a pair: at .a: 1 expected" in text
    assert "    violated in the old report: a pair: at .a: 1 expected" in text  # of what holds now
    assert text.count("      value = '<b>'") == 5  # of what is told with its example
    assert "scripts: nnxspec reproduce new.json --out DIR" in text
    assert "note: the law of a report no longer exists in this nnxspec: gone.law" in text
    markdown = as_markdown(OLD, NEW, found)
    assert all(f"`{law}`" in markdown for _, law in EXPECTED)
    assert HOSTILE not in markdown.replace("# " + HOSTILE, "")
    data = as_dict(OLD, NEW, found)
    assert json.loads(json.dumps(data)) == data
    assert [(each["kind"], each["law"]) for each in data["changes"]] == EXPECTED
    assert data["changes"][0]["witness"] == {"n": 1} and "def make()" in data["changes"][0]["script"]


def test_reports_that_can_hardly_be_compared_are_told() -> None:
    assert list(remarks(OLD, OLD)) == [
        "both reports are of flax 1.0: what differs comes from something else than the library",
        "the law of a report no longer exists in this nnxspec: gone.law",
    ]
    other = report(backend="jax", device="gpu", profile="default", versions={**OLD.versions, "jax": "0.12.0"})
    assert list(remarks(report(), other)) == [
        "the reports are of two backends, flax 1.0 and jax 1.0",
        "jax 0.10.2 there, 0.12.0 here",
        "profile quick there, default here",
        "device cpu there, gpu here",
    ]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    write(OLD, Path("old.json"))
    write(NEW, Path("new.json"))
    assert main(["diff", "old.json", "new.json", "--html", "d.html", "--json", "d.json"]) == 1
    assert "newly violated (1)\n\n  graph.build-observe" in capsys.readouterr().out
    assert Path("d.html").is_file() and len(json.loads(Path("d.json").read_text(encoding="utf-8"))["changes"]) == 9
    assert main(["diff", "old.json", "new.json", "--markdown", "-"]) == 1
    assert capsys.readouterr().out.startswith("## NNX laws: flax 1.0 → flax 2.0\n")
    better = report(*(record(each.law) for each in OLD.laws), version="2.0")
    write(better, Path("better.json"))
    assert main(["diff", "old.json", "better.json"]) == 0
    raw = OLD.as_dict() | {"schema": 1}
    Path("other.json").write_text(json.dumps(raw), encoding="utf-8")
    assert main(["diff", "other.json", "new.json"]) == 1
    told = capsys.readouterr()
    assert "other.json has the schema 1, this nnxspec writes 2: read as far as they agree" in told.err
    assert "graph.build-observe: holds -> violated" in told.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["old.json", "no.json"], "no.json: cannot be read: No such file or directory"),
        (["old.json", "old.json"], "old.json was given twice: there is nothing to compare"),
        (["old.json", "flaxx"], "no backend 'flaxx'"),
    ],
)
def test_bad_input_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(OLD, Path("old.json"))
    assert main(["diff", *arguments]) == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


def test_every_kind_is_met() -> None:
    """So no kind is left whose words nobody has read."""
    met = {slug for slug, _ in EXPECTED} | {"off-record", "otherwise", "newly-supported"}
    assert met == {kind.slug for kind in KINDS}
