"""The command line: what it prints and which status it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnxspec
from nnxspec.harness.cli import main
from nnxspec.harness.report import load
from nnxspec.spec.laws import LAWS

SOURCE = str(Path(nnxspec.__file__).parents[1])


def test_laws_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {law.id} " in text for law in LAWS)


def test_laws_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "graph.write-through-alias"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "graph.write-through-alias  (MUST; Variable)",
        "",
        "What is written to a Variable through one path is read through every other path to it.",
    ]
    assert "needs   graph.build-observe" in lines and "uses    sharing, mutation" in lines


def test_laws_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "graph.*", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [law["id"] for law in found] == ["graph.build-observe", "graph.write-through-alias", "graph.history"]
    assert found[1]["inputs"] == ["make", "value"] and found[1]["uses"] == ["sharing", "mutation"]


def test_backends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends"]) == 0
    lines = capsys.readouterr().out.splitlines()
    by_name = {line.split()[0]: line for line in lines}
    assert list(by_name) == sorted(by_name) and {"flax", "flax:tree", "jax", "reference"} <= set(by_name)
    own = by_name["reference"]
    assert nnxspec.__version__ in own and own.endswith("(from nnxspec)")


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for argument, told in (("--help", "nnxspec check flax"), ("--version", f"nnxspec {nnxspec.__version__}")):
        with pytest.raises(SystemExit) as caught:
            main([argument])
        assert caught.value.code == 0 and told in capsys.readouterr().out


def test_an_unknown_law_is_told_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "graph.bild-observe"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("nnxspec: no law and no term matches 'graph.bild-observe'; near it: graph.build-observe")
    assert told.count("\n") == 1


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`nnxspec check` in a folder of its own, in a process of its own."""
    environ = os.environ | {"PYTHONPATH": SOURCE}
    command = [sys.executable, "-m", "nnxspec.harness.cli", "check", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


# A backend with one fault, in a folder whose pytest configuration would break every run that heeds it.
FAULTY = """\
from nnxspec.reference_impl import *
from nnxspec.reference_impl import Module, Param, Variable, split

__nnx_capabilities__ = ("core", "sharing", "cycles", "mutation", "metadata")

def merge(graphdef, *states):
    return None
"""


def test_check(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("1 / 0\n", encoding="utf-8")
    laws = ["--law=graph.build-observe", "--law=split.round-trip", "--law=rng.fork"]
    done = check(tmp_path, "faulty", *laws, "--seed=3", "--report=r.json", "--scripts=out")
    assert (done.returncode, done.stderr) == (1, "")
    head, _, end = done.stdout.rpartition("term  ")
    assert (
        "split.round-trip: violated by faulty unknown: " in head
        and "Once more:\n    nnxspec check faulty --law" in head
    )
    assert end.splitlines()[-1] == "3 laws: 1 holds, 1 violated, 1 unsupported"
    verdicts = {record.law: record for record in load(tmp_path / "r.json").laws}
    assert verdicts["rng.fork"].missing == "rng.fork"
    script = tmp_path / "out" / "split.round-trip.py"
    assert script.read_text(encoding="utf-8") == verdicts["split.round-trip"].script

    witness = tmp_path / "witness.json"
    witness.write_text(json.dumps(verdicts["split.round-trip"].witness), encoding="utf-8")
    done = check(tmp_path, "faulty", "--law=split.round-trip", f"--example=@{witness}", "--brief")
    assert done.returncode == 1
    assert f"violated  split.round-trip (MUST): {verdicts['split.round-trip'].difference}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody"], "nnxspec: unknown backend 'nobody'"),
        (["reference", "--law=nothing.such"], "nnxspec: no law and no term matches 'nothing.such'"),
        (["reference", "-n", "many"], "nnxspec: argument -n"),
    ],
)
def test_check_tells_bad_input_in_one_line(tmp_path: Path, arguments: list[str], told: str) -> None:
    done = check(tmp_path, *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(told) and done.stderr.count("\n") == 1
