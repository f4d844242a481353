"""Processes that die or hang in the middle of an example: the run goes on, and the example is named."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import nnxspec
from nnxspec.harness import journal
from nnxspec.harness.cli import main
from nnxspec.harness.report import Report, load
from nnxspec.harness.verdicts import ERROR, HOLDS, VIOLATED

pytest_plugins = ["pytester"]

HERE = Path(__file__).resolve().parent
SOURCE = str(Path(nnxspec.__file__).parents[1])

# Each law calls one function of the backend, and the law before and after it none.
SUITE = """\
from typing import Any

from hypothesis import strategies as st
from nnxspec.harness.binding import bind
from nnxspec.spec import Eq, law
from nnxspec.spec.terms import MODULE

def calling(name):
    def check(nnx: Any, number: Any):
        if number > 3 and name:
            getattr(nnx, name)(number)
        yield Eq(number, number)
    check.__doc__ = "Nothing happens."
    return law("odd.calls-" + (name or "nothing"), term=MODULE, needs=())(check)

for name in ("merge", "pop", "update", "clone", "state", ""):
    globals()["test_" + (name or "nothing")] = bind(calling(name), number=st.integers(0, 9))
"""


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    paths = (SOURCE, str(HERE), kept.get("PYTHONPATH", ""))
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def run(folder: Path, *command: str, limit: float = 240) -> subprocess.CompletedProcess[str]:
    """A Python command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=limit,
        check=False,
    )


def suite(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The suite of this module on the backend that has every vice."""
    (folder / "test_calls.py").write_text(SUITE, encoding="utf-8")
    plugin = ("-p", "nnxspec.harness.plugin", "-p", "no:cacheprovider")
    backend = "--nnx-backend=odd_backends:dreadful"
    return run(folder, "pytest", *plugin, backend, "--nnx-profile=quick", "--hypothesis-seed=1", *options)


def test_dead_workers_are_replaced_and_their_examples_named(tmp_path: Path) -> None:
    done = suite(tmp_path, "-n2", "--nnx-report=r.json", "--nnx-timeout=1.5")
    assert done.returncode == 1, done.stdout + done.stderr
    report = load(tmp_path / "r.json")
    records = {record.law.removeprefix("odd.calls-"): record for record in report.laws}
    assert {name: record.verdict for name, record in records.items()} == {
        "merge": ERROR,
        "pop": ERROR,
        "update": ERROR,
        "clone": ERROR,
        "state": ERROR,
        "nothing": HOLDS,
    }
    told = {name: records[name].error for name in records}
    assert "was killed by SIGKILL (is there enough memory?) in the middle of example " in told["merge"]
    assert told["pop"] == "Hung: the example did not end within 1.5 s"
    assert "did not end within 1.5 s, and could not be interrupted in the middle of example " in told["update"]
    assert "did not end within 1.5 s and let nothing else run: the process ended in the middle" in told["clone"]
    assert "ended itself with status 7 in the middle of example " in told["state"]
    for name in ("merge", "pop", "update", "clone", "state"):
        witness = records[name].witness
        assert witness is not None and 3 < witness["number"] <= 9
        assert f'"number":{witness["number"]}' in done.stdout.replace(" ", "")
    assert "sleep(3600)" in records["update"].traceback and "odd_backends.py" in records["clone"].traceback
    assert not list((tmp_path / journal.FOLDER / "journal").iterdir())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("merge", "nnxspec: the process died in the middle of example "),
        ("clone", "nnxspec: the process was ended because an example did not end in the middle of example "),
    ],
)
def test_without_workers_a_watcher_tells(tmp_path: Path, name: str, told: str) -> None:
    done = suite(tmp_path, "-k", f"nothing or {name}", "--nnx-timeout=1", "--nnx-report=r.json")
    assert done.returncode != 0 and "passed" not in done.stdout
    assert told in done.stderr and f"of odd.calls-{name}." in done.stderr
    assert "--nnx-law odd.calls-" in done.stderr and '{"number":' in done.stderr
    assert ("odd_backends.py" in done.stderr) == (name == "clone")  # where it hung
    assert not list((tmp_path / journal.FOLDER / "journal").iterdir())


def test_a_worker_killed_under_the_real_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the laws of the suite the message is whole, and its last line shows the death again."""
    laws = ["--law=split.round-trip", "--law=graph.build-observe", "--law=split.arity"]
    check = ("nnxspec.harness.cli", "check", "odd_backends:killing", "--profile=quick")
    done = run(tmp_path, *check, *laws, "-n1", "--report=r.json", "--scripts=out")
    assert (tmp_path / "out" / "split.round-trip.py").exists()
    assert done.returncode == 1 and done.stderr == "", done.stderr
    records = {record.law: record for record in load(tmp_path / "r.json").laws}
    assert records["graph.build-observe"].verdict == HOLDS
    dead = records["split.round-trip"]
    assert dead.verdict == ERROR and "was killed by SIGKILL" in dead.error and dead.witness is not None
    assert "The smallest example found" in done.stdout and "nnx.Module" in done.stdout
    again = re.search(r"^ +nnxspec (check .*--example .*)$", done.stdout, re.MULTILINE)
    assert again is not None
    died = run(tmp_path, "nnxspec.harness.cli", *shlex.split(again[1]))
    assert died.returncode == -9 and "died in the middle of example 1 of split.round-trip." in died.stderr
    monkeypatch.chdir(tmp_path)
    for what in ("r.json", dead.digest):
        assert main(["check", "reference", f"--replay={what}", "--brief", "--report=again.json"]) == 0
        (record,) = load(tmp_path / "again.json").laws
        assert (record.law, record.verdict, record.examples) == ("split.round-trip", HOLDS, 1)


def test_what_was_found_before_a_death_is_in_the_report(tmp_path: Path) -> None:
    """Without workers: the law before it hung in an interruptible way, and is there; so is the example of the death."""
    done = suite(tmp_path, "-k", "pop or state", "--nnx-timeout=1", "--nnx-report=r.json")
    assert done.returncode == 7
    (record,) = load(tmp_path / "r.json").laws
    assert record.law == "odd.calls-pop" and record.error.startswith("Hung")
    assert "of odd.calls-state." in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_loses_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnxspec.harness import report
    from nnxspec.harness.files import FileError

    def full(*_: object, **__: object) -> None:
        with open("/dev/full", "w", encoding="utf-8") as file:
            file.write("x")

    path = tmp_path / "r.json"
    path.write_text("the report before", encoding="utf-8")
    monkeypatch.setattr(Path, "write_text", full)
    made = Report("odd", "odd", {}, "", "cpu", {}, "quick", 1, False)
    with pytest.raises(FileError, match="No space left on device"):
        report.write(made, path)
    assert path.read_text(encoding="utf-8") == "the report before"


@pytest.fixture
def inside(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs a suite in this process."""
    monkeypatch.delenv("CI", raising=False)

    def run_inside(suite: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=suite)
        plugin = ("-p", "nnxspec.harness.plugin", "-p", "no:cacheprovider", "-v", "--nnx-report=r.json")
        return pytester.runpytest_inprocess(*plugin, *options)

    return run_inside


def test_a_budget_is_kept_and_the_next_run_goes_on(inside: Callable[..., pytest.RunResult]) -> None:
    harmless = SUITE.replace("number > 3 and name", "False")
    inside(harmless, "--nnx-profile=quick", "-k", "merge or pop").assert_outcomes(passed=2, deselected=4)
    start = time.monotonic()
    result = inside(harmless, "--nnx-budget=2s", "--nnx-profile=quick")
    assert 1.5 < time.monotonic() - start < 60
    order = re.findall(r"::test_(\w+) ", result.stdout.str())
    assert len(order) == 6 and set(order[-2:]) == {"merge", "pop"}
    assert all(record.seed for record in load(Path("r.json")).laws)  # each was searched more than once
    result = inside(harmless, "--nnx-budget=0.0001s")
    result.assert_outcomes(skipped=6)


RARE = """\
from typing import Any

from hypothesis import strategies as st
from nnxspec.harness.binding import bind
from nnxspec.spec import Eq, law
from nnxspec.spec.terms import MODULE

@law("odd.rare", term=MODULE, needs=())
def rare(nnx: Any, number: Any):
    \"\"\"Few numbers end in 777.\"\"\"
    yield Eq(number % 1000 == 777, False)

test_rare = bind(rare, scale=40, number=st.integers(10**5, 10**6))
"""


def found_once(inside: Callable[..., pytest.RunResult], tmp_path: Path, database: str) -> None:
    """One machine finds a failure in a long search; others, in one that all but surely misses it, try it first."""
    short = RARE.replace("scale=40", "scale=1")
    inside(RARE, "--nnx-profile=thorough", f"--nnx-database={database}").assert_outcomes(failed=1)
    (found,) = load(Path("r.json")).laws
    assert found.examples > 8
    inside(short, "--nnx-profile=quick", f"--nnx-database={database}").assert_outcomes(failed=1)
    (again,) = load(Path("r.json")).laws
    assert again.verdict == VIOLATED and again.examples < found.examples
    (tmp_path / "test_suite.py").write_text(short, encoding="utf-8")
    plugin = ("-p", "nnxspec.harness.plugin", "-p", "no:cacheprovider", "--nnx-profile=quick")
    two = run(tmp_path, "pytest", *plugin, "--tx=2*popen", "--dist=each", f"--nnx-database={database}")
    assert "2 failed" in two.stdout, two.stdout


def test_two_workers_share_a_folder(inside: Callable[..., pytest.RunResult], tmp_path: Path) -> None:
    found_once(inside, tmp_path, str(tmp_path / "shared"))
    assert any((tmp_path / "shared").iterdir())


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server")
def test_two_workers_share_a_server(inside: Callable[..., pytest.RunResult], tmp_path: Path) -> None:
    redis = pytest.importorskip("redis", reason="the extra nnxspec[redis] is not installed")
    socket = tmp_path / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            end = time.monotonic() + 20
            while not socket.exists() and time.monotonic() < end:
                time.sleep(0.05)
            found_once(inside, tmp_path, f"unix://{socket}")
            keys = redis.Redis.from_url(f"unix://{socket}").keys()
            assert keys and all(key.startswith(b"nnxspec:") for key in keys)
        finally:
            server.terminate()
