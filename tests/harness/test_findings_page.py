"""The page of findings: what it tells of each violation, and what it makes of files that are no reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.report import Report, write
from nnxspec.harness.verdicts import Record


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report of flax with a violation that is on record, one that is not, and a law that holds."""
    script = "# pop.complete\n\n# The example\nm = nnx.Dict(a=1)\n\n# The law\n"
    laws = [
        Record("pop.atomic", "split-and-merge", "SHOULD", "violated", error="KeyError: 'a | b'"),
        Record("pop.complete", "split-and-merge", "MUST", "violated", expected="x\n  .a = 1", came="y", script=script),
        Record("pop.containers", "split-and-merge", "SHOULD", "holds"),
        Record("merge.copy", "merge", "SHOULD", "unsupported", missing="merge"),
    ]
    versions = {"nnxspec": "0", "python": "3.11", "jax": "0.10.2", "backend": "0.12.8"}
    path = tmp_path / "flax.json"
    write(Report("flax", "flax", versions, "Linux", "cpu", {"cpu": 1}, "quick", None, True, laws), path)
    return path


def test_each_violation_has_law_example_and_both_sides(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", str(report)]) == 0
    page = capsys.readouterr().out
    assert "| flax 0.12.8 | 3 | 1 | 1 | 1 |" in page
    complete, atomic = page.index("### `pop.complete` (MUST)"), page.index("### `pop.atomic` (SHOULD)")
    assert complete < atomic, "what must hold comes first"
    assert "| x; .a = 1 | y |" in page[complete:atomic]
    assert "```python\nm = nnx.Dict(a=1)\n```" in page[complete:atomic]
    assert "- nnx.pop removes a shared Variable" in page[complete:atomic], "on record"
    assert "What came: KeyError: 'a \\| b'." in page[atomic:]
    assert "pop.containers" not in page and "merge.copy" not in page


def test_scripts_and_releases_are_told_where_they_are_known(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own" / "flax").mkdir(parents=True)
    (tmp_path / "own" / "flax" / "pop.complete.py").write_text("assert False, 'short'\n", encoding="utf-8")
    seen = {"digest": "0", "violated_since": "0.10.0", "holds_in": None, "seen": {}}
    since = tmp_path / "since.json"
    since.write_text(json.dumps({"schema": 1, "backend": "flax", "releases": [], "laws": {"pop.complete": seen}}))
    out = tmp_path / "FINDINGS.md"
    typed = ["findings", str(report), "--bisected", str(since), "--scripts", str(tmp_path / "own"), "--out", str(out)]
    assert main(typed) == 0
    page = out.read_text(encoding="utf-8")
    assert "Since: 0.10.0, the oldest release that could be tried." in page
    assert "```python\nassert False, 'short'\n```" in page
    assert capsys.readouterr().out == ""


def test_bad_input_takes_one_line(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    for typed, told in (
        ([str(other)], "is no report"),
        ([str(report), "--bisected", str(other)], "it is not what 'nnxspec bisect --json' writes"),
        ([str(report), "--bisected", str(tmp_path / "none.json")], "none.json cannot be read: No such file"),
        ([str(report), "--scripts", str(tmp_path / "nowhere")], "there is no folder "),
    ):
        assert main(["findings", *typed]) == 2
        heard = capsys.readouterr().err
        assert told in heard and heard.startswith("nnxspec: ") and heard.count("\n") == 1
