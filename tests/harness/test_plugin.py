"""The pytest plugin from the outside: outcomes, selection, reports, workers, bad input."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import nnxspec
from nnxspec.harness import lookup
from nnxspec.harness.report import load
from nnxspec.harness.verdicts import load_all_bindings

pytest_plugins = ["pytester"]

HERE = Path(__file__).resolve().parent
SOURCE = str(Path(nnxspec.__file__).parents[1])
PLUGIN = ["-p", "nnxspec.harness.plugin", "-p", "no:cacheprovider"]
ONE = ["--nnx-law=split.round-trip", '--nnx-example={"make":{"$":"script"},"filters":[]}']

# The odd laws as a suite. Importing the suite and the backend here keeps pytester from importing them in each run.
SUITE = """\
from nnxspec.harness.binding import bind
import odd

for law in odd.ODD:
    inputs = odd.binding(law).strategies
    globals()["test_" + law.id.replace(".", "_").replace("-", "_")] = bind(law, **inputs)
"""
load_all_bindings()
lookup.load("reference")

VERDICTS = {
    "odd.blocked": "blocked",
    "odd.broken": "violated",
    "odd.error": "error",
    "odd.holds": "holds",
    "odd.middle": "holds",
    "odd.refused": "holds",
    "odd.unsupported": "unsupported",
    "odd.unsupported-inside": "unsupported",
    "odd.unsupported-partly": "holds",
    "odd.violated": "violated",
}


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((SOURCE, str(HERE))))
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(test_odd=SUITE)
    return pytester


def verdicts(path: Path) -> dict[str, str]:
    return {record.law: record.verdict for record in load(path).laws}


def test_verdicts_are_outcomes(suite: pytest.Pytester) -> None:
    result = suite.runpytest_inprocess(*PLUGIN, "--nnx-derandomize", "--nnx-report=r.json", "-rs")
    result.assert_outcomes(passed=4, skipped=2, failed=4)
    found = load(suite.path / "r.json")
    assert verdicts(suite.path / "r.json") == VERDICTS
    assert (found.backend, found.profile, found.seed, found.derandomize) == ("reference", "default", None, True)
    text = result.stdout.str()
    assert "unsupported: reference does not offer 'no_such_name'" in text
    assert "Falsifying example" not in text and "traceback entries are hidden" not in text
    result.stdout.fnmatch_lines(
        [
            "*= nnxspec =*",
            "reference 0.1.0; nnxspec *; profile default, derandomised",
            "violated  odd.broken (MUST): at the root: int 2 expected, int 1 came",
            "violated  odd.violated (MUST): too many: at the root: bool False expected, bool True came",
            "error     odd.error (MUST): KeyError: 'no 4'",
            "blocked   odd.blocked (MUST): odd.broken fails too",
            "10 laws: 4 holds, 2 violated, 2 unsupported, 1 blocked, 1 error",
        ]
    )


def test_workers_send_their_verdicts_home(suite: pytest.Pytester) -> None:
    result = suite.runpytest_subprocess(
        *PLUGIN, "-n2", "--nnx-profile=quick", "--hypothesis-seed=5", "--nnx-report=r.json"
    )
    result.assert_outcomes(passed=4, skipped=2, failed=4)
    assert verdicts(suite.path / "r.json") == VERDICTS
    assert load(suite.path / "r.json").seed == 5
    result.stdout.fnmatch_lines(["10 laws: 4 holds, 2 violated, 2 unsupported, 1 blocked, 1 error"])


def test_a_prerequisite_is_judged_when_it_is_not_selected(suite: pytest.Pytester) -> None:
    result = suite.runpytest_inprocess(*PLUGIN, "-k", "blocked", "--nnx-report=r.json")
    result.assert_outcomes(failed=1, deselected=9)
    assert verdicts(suite.path / "r.json") == {"odd.blocked": "blocked"}


def test_seeds_and_derandomisation(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(*options: str) -> tuple[int | None, bool]:
        suite.runpytest_inprocess(*PLUGIN, "-k", "refused", "--nnx-profile=quick", "--nnx-report=r.json", *options)
        found = load(suite.path / "r.json")
        return found.seed, found.derandomize

    first, second = chosen(), chosen()
    assert first[0] != second[0] and not first[1]
    monkeypatch.setenv("CI", "true")
    assert chosen() == (None, True)
    assert chosen("--hypothesis-seed=7") == (7, False)


def test_the_replay_command_replays(suite: pytest.Pytester) -> None:
    """The suite itself, on a backend with a fault: the last line of the message is a command that shows it again."""
    suite.makepyfile(
        faulty="""
        from nnxspec.backends.reference import load as load_reference
        from dataclasses import replace
        from nnxspec import reference_impl
        import types

        def load():
            names = {n: getattr(reference_impl, n) for n in reference_impl.__all__}
            broken = names | {"merge": lambda graphdef, *states: None}
            return replace(load_reference(), name="faulty", namespace=types.SimpleNamespace(**broken))
        """
    )
    suite.makeini("[pytest]\naddopts = --import-mode=importlib -p nnxspec.harness.plugin -p no:cacheprovider\n")
    suite.syspathinsert()
    first = suite.runpytest_inprocess(
        "--pyargs", "nnxspec.properties", "--nnx-backend=faulty", "-k", "split_round_trip"
    )
    outcomes = first.parseoutcomes()
    assert outcomes.pop("deselected") > 1 and outcomes == {"failed": 1}
    command = re.search(r"^ +(pytest --pyargs .*--nnx-example .*)$", first.stdout.str(), re.MULTILINE)
    assert command is not None
    again = suite.runpytest_inprocess(*shlex.split(command[1])[1:])
    assert again.parseoutcomes()["failed"] == 1
    difference = r"First difference:\n +(.*)\n"
    shown = [re.search(difference, result.stdout.str()) for result in (first, again)]
    assert shown[0] and shown[1] and shown[0][1] == shown[1][1]
    assert "The smallest example found (1 tried)" in again.stdout.str()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--nnx-backend=nobody"], "unknown backend 'nobody'"),
        (["--nnx-law=split.rond-trip"], "no law and no term matches 'split.rond-trip'; near it: split.round-trip"),
        (["--nnx-profile=slow"], "unknown profile 'slow': choose quick, default, thorough"),
        (["--nnx-report=no/folder/r.json"], "no/folder/r.json cannot be written: there is no folder no/folder"),
        (["--nnx-scripts=test_odd.py"], "--nnx-scripts wants a folder"),
        (["--hypothesis-seed=x", "--nnx-profile=quick"], "--hypothesis-seed is a whole number, not 'x'"),
        (["--nnx-example={}"], "an example belongs to one law"),
        (["--nnx-timeout=soon"], "--nnx-timeout is a time such as 90, 90s, 10m or 1.5h, not 'soon'"),
        (["--nnx-budget=-1"], "--nnx-budget is a time such as 90, 90s, 10m or 1.5h, not '-1'"),
        (["--nnx-budget=0"], "--nnx-budget is more than no time"),
        (["--nnx-budget=1m", "--nnx-derandomize"], "--nnx-budget and --nnx-derandomize exclude each other"),
        (["--nnx-budget=1m", "--nnx-replay=r.json"], "--nnx-budget and --nnx-replay exclude each other"),
        (["--nnx-replay=abcdef0123"], "'abcdef0123' is neither a report nor the digest of a failure that is kept in"),
        (["--nnx-replay=test_odd.py"], "test_odd.py is no report: it is no JSON"),
        (["--nnx-database=test_odd.py/x"], "the example database cannot be in test_odd.py/x: Not a directory"),
        (["--nnx-database=http://x"], "the example database 'http://x' is neither a folder nor a redis:// URL"),
        (["--nnx-law=split.round-trip", "--nnx-example={"], "the example is no JSON"),
        (["--nnx-beside=[]"], "--nnx-beside says what to pass over on one example: give --nnx-example"),
        ([*ONE, "--nnx-beside={"], "--nnx-beside is no JSON"),
        ([*ONE, '--nnx-beside=[{"claim":3}]'], "--nnx-beside: excludes has {'claim': 3}, whose names are not text"),
        ([*ONE, '--nnx-beside=["nan"]'], "--nnx-beside has to be a list of tables with claim or raises"),
        (["--nnx-law=split.round-trip", "--nnx-example={}"], "JSON object with exactly the keys make, filters"),
        (["--nnx-law=split.round-trip", "--nnx-example=@nowhere"], "the example cannot be read from nowhere"),
        (
            ["--nnx-law=split.round-trip", '--nnx-example={"make":{"$":"script","steps":[1]},"filters":[]}'],
            "malformed example: make: a script consists of steps, not of 1",
        ),
    ],
)
def test_bad_input_is_a_usage_error_in_one_line(suite: pytest.Pytester, options: list[str], told: str) -> None:
    result = suite.runpytest_inprocess(*PLUGIN, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.stderr.lines if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("ERROR: nnxspec: ") and told in lines[0]


def test_a_project_that_does_not_use_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import os, sys\n\ndef test_plain():\n"
        "    assert not {'jax', 'nnxspec.spec', 'nnxspec.properties'} & set(sys.modules)\n"
        "    assert 'JAX_PLATFORMS' not in os.environ\n",
        encoding="utf-8",
    )
    environ = {k: v for k, v in os.environ.items() if k != "JAX_PLATFORMS"} | {"PYTHONPATH": SOURCE}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, "-q"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "nnxspec" not in done.stdout
