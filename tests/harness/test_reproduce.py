"""Stand-alone scripts of known violations and of mutants: they fail where the fault is, and pass where it is not.

A sample runs by default; ``NNXSPEC_ALL=1`` runs every script there is.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nnxspec
from nnxspec.backends.mutants import FAULTS, load
from nnxspec.harness import deviations, devices, kill, lookup
from nnxspec.harness.cli import main
from nnxspec.harness.deviations import Deviation
from nnxspec.harness.reproduce import Case, script
from nnxspec.harness.search import replay, search
from nnxspec.harness.standalone import standalone
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import LawViolated

from .test_standalone import outcome_in_process

devices.announce(None)  # laws on several devices need them before jax starts

ALL = bool(os.environ.get("NNXSPEC_ALL"))
BINDINGS = load_all_bindings()
SOURCE = str(Path(nnxspec.__file__).parents[1])

# One process for all, each script in a thread of its own: see `apart` in spec/apart.py.
RUN_ALL = """
import json, pathlib, runpy, sys, threading, warnings
warnings.simplefilter("ignore")
told = {}
def run(path):
    try:
        runpy.run_path(str(path), run_name="__main__")
    except BaseException as error:
        told[path.stem] = f"{type(error).__name__} {error}"
    else:
        told[path.stem] = ""
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    thread = threading.Thread(target=run, args=(path,))
    thread.start()
    thread.join()
assert "nnxspec" not in sys.modules
print(json.dumps(told))
"""


def sample(items: list[Any], size: int) -> list[Any]:
    """Some of them, the same in every run."""
    return items if ALL or len(items) <= size else random.Random(3).sample(items, size)


def shipped() -> list[Deviation]:
    """What nnxspec has on record for the release that is installed."""
    try:
        backend = lookup.load("flax")
    except Exception:
        return []
    return [entry for entries in deviations.gather([], backend).by_law.values() for entry in entries]


def run_all(scripts: dict[str, str], folder: Path) -> dict[str, str]:
    """What each script ends with, run away from the checkout and without anything of ours on the path."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environ |= {"JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "8"}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, str(folder)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_scripts_of_what_is_shipped_fail_on_flax(tmp_path: Path) -> None:
    entries = sample(shipped(), 8)
    if not entries:
        pytest.skip("flax is not installed, or nothing is on record for this release")
    scripts = {entry.digest: script(Case(entry.law, entry.witness, "flax")) for entry in entries}
    for text in scripts.values():
        assert f"flax {importlib.metadata.version('flax')}." in text.splitlines()[0]
        assert ", jax " in text and "Python 3." in text
    told = run_all(scripts, tmp_path / "scripts")
    assert set(told) == {entry.digest for entry in entries}
    wrong = {}
    for entry in entries:
        seen = replay(BINDINGS[entry.law].law, lookup.load("flax"), entry.inputs(BINDINGS[entry.law].law))
        # What no claim speaks of is raised as it is; a claim that does not hold is an AssertionError.
        start = "AssertionError " if isinstance(seen.failure, LawViolated) else f"{type(seen.failure).__name__} "
        if not told[entry.digest].startswith(start):
            wrong[entry.law] = told[entry.digest]
    assert not wrong


def test_the_same_witnesses_pass_on_the_reference() -> None:
    reference = lookup.load("reference")
    for entry in sample(shipped(), 8):
        came = outcome_in_process(script(Case(entry.law, entry.witness, "reference")))
        law = BINDINGS[entry.law].law
        if reference.missing(law.uses) is None:  # it has no tree mode, say
            unsupported = replay(law, reference, entry.inputs(law)).unsupported
            assert came.startswith("Unsupported ") if unsupported else came == "", (entry.law, came)


AFTER_OTHERS = {"instances-share-statuses", "weak-cache-never-forgets"}
"""Mutants that remember earlier examples, so that no single one shows the fault."""
MUTANTS = sample(sorted((f.name, f.laws[0]) for f in FAULTS.values() if f.laws and f.name not in AFTER_OTHERS), 6)


@pytest.mark.parametrize(("name", "law"), MUTANTS, ids=[name for name, _ in MUTANTS])
def test_scripts_of_mutants_fail_there_and_pass_on_the_reference(name: str, law: str) -> None:
    binding = BINDINGS[law]
    mutant = load(name)
    found = search(binding, mutant, kill.settings(FAULTS[name].budget, derandomize=True))
    if found.missing is not None and found.unsupported == found.examples:
        pytest.skip(f"unsupported: {found.reason or found.missing}")
    assert found.witness is not None
    text = standalone(binding.law, found.witness, mutant)
    start = "AssertionError " if isinstance(found.failure, LawViolated) else f"{type(found.failure).__name__} "
    assert outcome_in_process(text).startswith(start)
    assert outcome_in_process(standalone(binding.law, found.witness, lookup.load("reference"))) == ""


# the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


WITNESS = {
    "make": {"$": "script", "steps": [{"$": "step", "name": "variable"}, {"$": "step", "name": "alias"}]},
    "trees": [{"$": "filter-tree", "expression": {"$": "filter", "kind": "type", "args": ["nnx.Param"]}}],
}
MUTANT = "mutant:pop-leaves-aliases"


def known(folder: Path) -> str:
    entry = Deviation("pop.complete", MUTANT, "", "bug", "so", WITNESS)
    deviations.append(folder / "d.toml", [entry])
    return entry.digest


def test_by_law(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known(folder)
    assert main(["reproduce", "pop.complete", "--backend", MUTANT, "--deviations", "d.toml", "--out", "pop.py"]) == 0
    assert capsys.readouterr().out == "pop.py\n"
    text = (folder / "pop.py").read_text(encoding="utf-8")
    assert text.startswith(f"# pop.complete (MUST; Split and merge), violated by {MUTANT} 0.1.0.\n")
    assert outcome_in_process(text).startswith("AssertionError pop.complete")


def test_what_another_backend_violates(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = known(folder)
    assert main(["reproduce", digest, "--backend", "reference", "--deviations", "d.toml"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("# pop.complete (MUST; Split and merge), checked with reference 0.1.0.\n")
    assert told.err == "nnxspec: pop.complete holds on this example with reference 0.1.0\n"
    assert outcome_in_process(told.out) == ""


def test_by_report_and_by_digest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "nnxspec.harness.cli", "check", MUTANT, "--law=pop.complete", "--report=r.json"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": SOURCE}, capture_output=True, text=True, check=False)
    (found,) = json.loads((folder / "r.json").read_text(encoding="utf-8"))["laws"]
    assert f"nnxspec reproduce {found['digest']} --out pop.complete.py" in done.stdout
    assert main(["reproduce", "r.json", "--out", "scripts/"]) == 0
    assert main(["reproduce", found["digest"], "--out", "one.py"]) == 0
    capsys.readouterr()
    (one,) = (folder / "scripts").iterdir()
    assert one.name == f"pop.complete-{found['digest']}.py"
    assert one.read_text(encoding="utf-8") == (folder / "one.py").read_text(encoding="utf-8") == found["script"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pop.complet"], "no law and no term matches 'pop.complet'; near it: pop.complete"),
        (["split.round-trip", "--backend", "reference"], "no violation of split.round-trip by reference is on record"),
        (["0123456789"], "no witness 0123456789: neither a run"),
        (["pop.complete", "--backend", "nobody"], "unknown backend 'nobody'"),
        (["empty.json"], "empty.json is no report"),
        (["pop.complete", "--deviations", "nowhere.toml"], "the deviations cannot be read from nowhere.toml"),
    ],
)
def test_bad_input_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (folder / "empty.json").write_text("{}", encoding="utf-8")
    assert main(["reproduce", *arguments]) == 2
    text = capsys.readouterr().err
    assert text.startswith(f"nnxspec: {told}") and text.count("\n") == 1
