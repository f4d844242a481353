"""`nnxspec bench` and `pytest benchmarks`: what goes in, what comes out, what is refused."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnxspec.benchmarks import command, files
from nnxspec.benchmarks.operations import OPERATIONS
from nnxspec.benchmarks.scripts import SHAPES
from nnxspec.harness.cli import main
from nnxspec.harness.lookup import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["refrence"], "unknown backend 'refrence': did you mean 'reference'?"),
        (["reference", "reference"], "'reference' takes part already"),
        (["floor"], "'floor' takes part already"),
        (["--ops", "spilt"], "unknown operation 'spilt': did you mean 'split'?"),
        (["--sizes", "5,many"], "a size is a number of Variables from 2 to 1,000,000, as in 5,50,500, not 'many'"),
        (["--sizes", "0"], "a size is a number of Variables from 2"),
        (["--shapes", "wid"], "unknown shape 'wid': did you mean 'wide'?"),
        (["--ops", "grad", "--shapes", "wide"], "nothing to measure: these operations are measured on blocks only"),
        (["--rounds", "0"], "--rounds is a number above 0, not 0"),
        (["--limit", "-1"], "--limit is a number above 0, not -1"),
        (["--threshold", "much"], "--threshold is a percentage, as in 25%, not 'much'"),
        (["--compare", "nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        (["--read", "nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        (["--json", "no/such/folder.json"], "--json: no/such/folder.json cannot be written: there is no folder"),
        (["--json", "-"], "only --markdown prints with -"),
        (["--json", "one.json", "--markdown", "one.json"], "--json and --markdown name the same file"),
        (["--benchmark-json", "."], "--benchmark-json: . cannot be written: it is a folder"),
        (["--read", "nowhere.json", "reference"], "--read shows a run that has been"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main(["bench", *arguments]) == 2
    out, err = capsys.readouterr()
    assert message in err and len(err.splitlines()) == 1 and not out


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--list"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n{name} " in text for name in (*OPERATIONS, *SHAPES))


def test_a_run_and_what_it_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    json_file, theirs, page = tmp_path / "run.json", tmp_path / "pytest-benchmark.json", tmp_path / "run.md"
    asked = ["reference", "--quick", "--ops", "split", "--ops", "pop", "--sizes", "5,50,100", "--shapes", "blocks,wide"]
    files = ["--json", str(json_file), "--benchmark-json", str(theirs), "--markdown", str(page)]
    assert main(["bench", *asked, *files]) == 0
    out, err = capsys.readouterr()
    assert "[12/12 " in err and "split" in out and "us/Variable" in out
    found = json.loads(json_file.read_text())
    assert len(found["results"]) == 2 * 3 * 2 * 2 and found["schema"] == 1
    assert {e["operation"] for e in found["slopes"]} == {"split", "pop"}
    assert "| split (100) |" in page.read_text()

    # The same file read again gives the same page, and is no slower than itself.
    again = tmp_path / "again.md"
    assert main(["bench", "--read", str(json_file), "--markdown", str(again), "--compare", str(json_file)]) == 0
    assert again.read_text() == page.read_text()
    assert "compared 12 figures: 0 slower, 0 faster" in capsys.readouterr().out

    # It was faster once.
    for entry in found["results"]:
        if entry["contestant"] == "reference":
            for field in ("us", "low", "high", "ratio_to_floor"):
                entry[field] /= 3
    before = tmp_path / "before.json"
    before.write_text(json.dumps(found))
    assert main(["bench", "--read", str(json_file), "--compare", str(before)]) == 1
    assert "compared 12 figures: 12 slower" in capsys.readouterr().out

    # pytest-benchmark reads its own form.
    compared = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", str(theirs), "--columns=median"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert compared.returncode == 0, compared.stderr
    assert "test_operation[reference-split-blocks-5]" in compared.stdout


def test_a_run_is_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    asked = ["bench", "reference", "--quick", "--sizes", "5,50", "--ops", "merge"]
    assert main([*asked, "--json", str(first)]) == 0
    half = json.loads(first.read_text())
    for entry in half["results"]:
        if entry["size"] == 50:
            for field in [name for name in entry if name not in ("operation", "shape", "size", "contestant")]:
                del entry[field]
            entry["reason"] = "the budget was used up"
    first.write_text(json.dumps(half))
    capsys.readouterr()
    assert main([*asked, "--ops", "split", "--resume", str(first), "--json", str(second)]) == 0
    told = capsys.readouterr().err
    assert "[1/3 " in told and "merge blocks 5:" not in told
    whole = json.loads(second.read_text())
    assert (whole["when"], whole["machine"]) == (half["when"], half["machine"]) and " && " in whole["command"]
    found = whole["results"]
    assert [(e["operation"], e["size"]) for e in found if e["contestant"] == "floor"] == [
        ("split", 5),
        ("merge", 5),
        ("split", 50),
        ("merge", 50),
    ]
    assert found[2] == half["results"][0] and all("us" in entry for entry in found)
    assert main([*asked, "--clock", "cpu", "--resume", str(first)]) == 2
    assert "that run reads the clock wall, and this one cpu" in capsys.readouterr().err
    assert main(["bench", "reference", "mutant:merge-constructs", "--resume", str(first)]) == 2
    capsys.readouterr()

    # A comparison that would say nothing is refused before anything is measured.
    assert main(["bench", "mutant:merge-constructs", "--compare", str(first)]) == 2
    assert "that run measures reference, and this one mutant:merge-constructs" in capsys.readouterr().err
    assert main([*asked, "--clock", "cpu", "--compare", str(first)]) == 2
    assert "add --clock wall" in capsys.readouterr().err


def test_an_interrupt_leaves_what_can_be_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, interrupts = load("reference"), iter([True])

    class Namespace:
        """The reference, whose clone is interrupted the first time."""

        def __getattr__(self, name: str) -> Any:
            if name == "clone" and next(interrupts, False):
                raise KeyboardInterrupt
            return getattr(real.namespace, name)

    broken = dataclasses.replace(real, namespace=Namespace())
    monkeypatch.setattr(command, "loaded", lambda names: {"reference": broken})
    file = tmp_path / "run.json"
    asked = ["bench", "reference", "--quick", "--sizes", "5", "--ops", "split", "--ops", "clone", "--ops", "merge"]
    assert main([*asked, "--json", str(file)]) == 130
    out, err = capsys.readouterr()
    assert "interrupted: 2 of 3 cells are measured" in err and "split" in out
    assert "1 operations on subjects are not measured yet: the same command with --resume run.json goes on" in err
    assert main([*asked, "--json", str(file), "--resume", str(file)]) == 0
    found = json.loads(file.read_text())["results"]
    assert {e["operation"] for e in found if "us" in e} == {"split", "merge", "clone"} and len(found) == 6


def test_files_are_kept_up_to_date_and_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, texts = tmp_path / "run.json", iter(["one", "two"])
    keeper = files.Keeper(str(path), lambda rows: next(texts))
    keeper([])
    assert not path.exists()  # not so soon
    monkeypatch.setattr(files, "OFTEN", 0.0)
    keeper([])
    assert path.read_text() == "one"
    link = tmp_path / "link.json"
    link.symlink_to(path)
    files.put(link, "three")
    assert link.is_symlink() and path.read_text() == "three"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.json", "run.json"]


def test_plots_want_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["bench", "--plots", str(place)]) == 2
        assert "--plots wants a folder, and" in capsys.readouterr().err


def _pytest(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    # pytest-benchmark measures nothing in a worker of pytest-xdist, which is told by the environment
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    settings |= {"JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=settings)


def test_plain_pytest(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    little = ["--benchmark-max-time=0.01", "--benchmark-min-rounds=2", f"--benchmark-json={file}"]
    ops = ["--nnx-ops=split", "--nnx-ops=pop", "--nnx-ops=jit-empty:*", "--nnx-sizes=5"]
    done = _pytest("benchmarks", "--nnx-backend=reference", *ops, *little, "--benchmark-group-by=group")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {each["name"]: each for each in json.loads(file.read_text())["benchmarks"]}
    stages = [f"jit-empty:{stage}" for stage in ("trace", "lower", "compile", "first")]
    assert set(found) == {
        f"test_operation[{who}-{name}-blocks-5]" for who in ("reference", "floor") for name in ("split", "pop", *stages)
    }
    assert all(each["stats"]["median"] > 0 for each in found.values())


def test_plain_pytest_refuses_what_is_not_there() -> None:
    done = _pytest("benchmarks", "--nnx-sizes=5,x", "--collect-only")
    assert done.returncode == 4 and "nnxspec: a size is a number of Variables" in done.stderr + done.stdout
