"""Matrices: columns that run, columns that cannot, reports that are read, and what is written of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import nnxspec
from nnxspec.harness.cli import main
from nnxspec.harness.files import FileError
from nnxspec.harness.matrix import environments
from nnxspec.harness.matrix.columns import Column
from nnxspec.harness.matrix.merged import Matrix, as_json, labels, merge, read, without_paths
from nnxspec.harness.matrix.running import Missing
from nnxspec.harness.matrix.texts import Texts, whole
from nnxspec.harness.report import load, write

from .samples import NEW, OLD, SCRIPT, record, report

SOURCE = str(Path(nnxspec.__file__).parents[1])
CRASHING = """\
import os

from nnxspec.reference_impl import *


def load():
    print("about to die", flush=True)
    os.abort()
"""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, in which the Python of these tests stands for every environment that could be installed."""
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)

    def made(self: object, column: Column, say: Callable[[str], None]) -> Path:
        if any("==99" in text for text in column.requirements):
            raise environments.CannotInstall(f"No matching distribution found for {column.requirements[0]}")
        return python

    monkeypatch.setattr(environments.Environments, "python_for", made)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for an environment is a shell script")
def test_one_column_that_crashes_and_one_that_cannot_be_installed_leave_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "crashing.py").write_text(CRASHING, encoding="utf-8")
    write(OLD, here / "old.json")
    (here / "damaged.json").write_text("{", encoding="utf-8")
    columns = ["flax==99", "reference", "crashing:load", "old.json", "damaged.json", "no.json", "reference"]
    options = ["--law", "split.round-trip", "--profile", "quick", "--derandomize", "--reports", "kept", "-j", "2"]
    status = main(["matrix", *columns, *options, "--json", "m.json", "--html", "m.html", "--markdown", "m.md"])
    told = capsys.readouterr()
    assert status == 1
    assert "flax==99       cannot be installed: No matching distribution found for flax==99\n" in told.err
    assert "reference      1/1 laws, 0 failed" in told.err and "reference      done" in told.err
    assert "crashing:load  the run was killed by SIGABRT" in told.err
    assert "nnxspec: reference was typed 2 times; it gets one column" in told.err
    assert "damaged.json is no report: it is no JSON" in told.err and "no.json cannot be read" in told.err
    assert "without a report: no.json: cannot be read: No such file or directory" in told.out
    assert "[1] reference 0" in told.out and "[2] flax 1.0" in told.out
    matrix = read(here / "m.json")
    assert [(each.backend, len(each.laws)) for each in matrix.columns] == [("reference", 1), ("flax", len(OLD.laws))]
    assert matrix.columns[0].laws[0].verdict == "holds"
    assert [lost.column for lost in matrix.missing] == ["flax==99", "crashing:load", "damaged.json", "no.json"]
    assert load(here / "kept" / "reference.json").backend == "reference"
    for page in ("m.html", "m.md"):
        assert "No matching distribution found for flax==99" in (here / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["flaxx"], "no backend 'flaxx'; did you mean 'flax'?"),
        (["flax", "--profile", "slow"], "unknown profile 'slow': choose quick"),
        (["flax", "--law", "no.such"], "no law and no term matches 'no.such'"),
        (["flax", "--budget", "soon"], "--budget is a time such as"),
        (["flax", "-j", "0"], "-j 0: at least one column has to run"),
        (["flax", "--html", "no/such/page.html"], "there is no folder no/such"),
        (["flax", "--reports", "file"], "cannot be made: File exists"),
        (["no.json"], "no column has a report: no.json: cannot be read"),
        (["flax==99"], "no column has a report: flax==99: cannot be installed"),
    ],
)
def test_bad_input_is_told_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (here / "file").touch()
    assert main(["matrix", *arguments]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("nnxspec: ")]
    assert told in lines[-1]


def test_a_matrix_is_written_without_paths_and_read_again(tmp_path: Path) -> None:
    matrix = Matrix([OLD, NEW], [Missing("flax==99", "no")])
    text = as_json(matrix)
    assert json.loads(text) == matrix.as_dict()
    assert "/a/b" not in text and "/home/me" not in text and "site-packages/flax/nnx/graph.py" in text
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    again = read(tmp_path / "m.json")
    assert again.missing == matrix.missing and [len(each.laws) for each in again.columns] == [10, 10]
    assert {each.script for each in again.columns[0].laws} == {"", SCRIPT}
    assert as_json(again) == text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: raw.update(schema=7), "is a matrix of the schema 7, and this nnxspec reads 1"),
        (lambda raw: raw.update(columns=[3]), "columns[0] is int, not an object"),
        (lambda raw: raw.update(parts=[]), "columns[0]: the scripts cannot be put together: the file is damaged"),
        (lambda raw: raw["columns"][1].pop("laws"), "columns[1]: the scripts cannot be put together"),
        (lambda raw: raw["columns"][1].pop("device"), "columns[1]: device is missing"),
    ],
)
def test_a_damaged_matrix_is_told_in_one_line(
    tmp_path: Path, change: Callable[[dict[str, object]], object], told: str
) -> None:
    raw = Matrix([OLD, NEW]).as_dict()
    change(raw)
    path = tmp_path / "m.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read(path)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_report_of_another_schema_is_read_as_far_as_possible(tmp_path: Path) -> None:
    raw = OLD.as_dict() | {"schema": 1, "colour": "red"}
    raw.pop("devices")
    raw["laws"][0]["verdict"] = "perhaps"
    raw["laws"][1]["sparkle"] = 1
    raw["laws"][2].pop("term")
    path = tmp_path / "old.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(FileError, match="has the schema 1"):
        load(path)
    matrix = read(path)
    assert len(matrix.columns[0].laws) == len(OLD.laws) - 1
    assert matrix.columns[0].versions == OLD.versions
    assert len(matrix.notes) == 1 and "has the schema 1, this nnxspec writes 2" in matrix.notes[0]
    assert "1 of its 10 laws not at all" in matrix.notes[0]
    path.write_text('{"schema": 9}', encoding="utf-8")
    with pytest.raises(FileError, match="nothing that this nnxspec can read"):
        read(path)


def test_columns_have_names_that_tell_them_apart() -> None:
    other = report(version="1.0", versions={**OLD.versions, "jax": "0.12.0"})
    assert labels([OLD, NEW]) == ["flax 1.0", "flax 2.0"]
    assert labels([OLD, other]) == ["flax 1.0, jax 0.10.2", "flax 1.0, jax 0.12.0"]
    assert labels([OLD, OLD]) == ["flax 1.0", "flax 1.0 (2)"]
    assert labels([OLD, report(device="gpu"), report(profile="default")]) == [
        "flax 1.0, cpu, profile quick",
        "flax 1.0, gpu",
        "flax 1.0, cpu, profile default",
    ]


def test_two_reports_of_one_backend_are_told() -> None:
    told = merge([Matrix([NEW]), Matrix([NEW])]).notes
    assert told == ["2 reports are of flax 2.0: what differs between them is chance, or a changed law"]
    told = merge([Matrix([OLD]), Matrix([NEW])]).notes
    assert told == ["the law of a report no longer exists in this nnxspec: gone.law"]


def test_the_command_line_is_described_without_jax() -> None:
    code = "import sys; from nnxspec.harness.cli import parser; parser(); sys.exit('jax' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": SOURCE})


def test_texts_are_kept_once() -> None:
    texts = Texts()
    first, second = texts.add("a\n\n\nb"), texts.add("b\n\n\n\na")
    assert texts.parts == ["a", "b", "\na"] and (first, second) == ([0, 1], [1, 2])
    assert whole(texts.parts, second) == "b\n\n\n\na" and texts.add("") == [] and whole(texts.parts, []) == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            'File "/home/me/.venv/lib/python3.11/site-packages/flax/nnx.py"',
            'File "python3.11/site-packages/flax/nnx.py"',
        ),
        ('File "/work/src/nnxspec/spec/law.py"', 'File "nnxspec/spec/law.py"'),
        ('File "C:\\\\me\\\\site-packages\\\\flax.py"', 'File "site-packages\\\\flax.py"'),
        ("a/b and 3 / 4", "a/b and 3 / 4"),
    ],
)
def test_paths_are_cut_to_what_machines_have_in_common(text: str, clean: str) -> None:
    assert without_paths(text) == clean


def test_reports_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(report(record("merge.copy"), record("pop.complete", "known")), Path("a.json"))
    write(NEW, Path("b.json"))
    assert main(["report", "a.json", "b.json", "c.json"]) == 0
    told = capsys.readouterr()
    assert "c.json cannot be read" in told.err
    lines = told.out.splitlines()
    assert lines[0].split() == ["term", "[1]", "[2]"]
    assert ["all", "1/2", "4/9"] in [line.split() for line in lines]
    assert ["known", "1", "3"] in [line.split() for line in lines]
    assert main(["report", "a.json", "b.json", "--json", "m.json", "--markdown", "-"]) == 0
    assert capsys.readouterr().out.startswith("## NNX laws by backend\n")
    assert main(["report", "m.json", "--badge", "badge.json"]) == 0
    assert main(["report"]) == 2 and main(["report", "c.json"]) == 2
    assert "name at least one report" in capsys.readouterr().err
