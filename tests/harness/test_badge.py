"""Badges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.matrix.merged import Matrix, write
from nnxspec.harness.pages.badge import badge
from nnxspec.harness.report import write as write_report

from .samples import NEW, OLD, record, report


@pytest.mark.parametrize(
    ("verdicts", "message", "color"),
    [
        (["holds", "holds", "unsupported"], "2 of 2 hold", "brightgreen"),
        (["holds", "fixed"], "2 of 2 hold", "brightgreen"),
        (["holds", "known"], "1 of 2 hold, 1 known", "yellow"),
        (["holds", "known", "violated", "error"], "1 of 4 hold, 2 violated, 1 known", "red"),
        (["unsupported"], "none tried", "lightgrey"),
        ([], "none tried", "lightgrey"),
    ],
)
def test_what_a_badge_says(verdicts: list[str], message: str, color: str) -> None:
    names = ("split.round-trip", "merge.copy", "pop.complete", "variable.get-set")
    made = badge(report(*(record(name, verdict) for name, verdict in zip(names, verdicts, strict=False))))
    assert made == {"schemaVersion": 1, "label": "NNX laws", "message": message, "color": color}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(NEW, tmp_path / "r.json")
    assert main(["badge", str(tmp_path / "r.json"), "--label", "mine"]) == 0
    assert json.loads(capsys.readouterr().out)["label"] == "mine"
    write(Matrix([OLD, NEW]), tmp_path / "m.json")
    assert main(["badge", str(tmp_path / "m.json")]) == 2
    assert "has 2 reports; a badge is of one" in capsys.readouterr().err
    assert main(["badge", str(tmp_path / "no.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
