"""What a user types for a column, and how an environment is made of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from nnxspec.harness.matrix.columns import ColumnError, is_report, parse
from nnxspec.harness.matrix.environments import CannotInstall, Environments, find_python, own_requirements, reason


@pytest.mark.parametrize(
    ("text", "backend", "requirements", "python"),
    [
        ("reference", "reference", (), None),
        ("flax", "flax", ("flax",), None),
        ("flax==0.12.8", "flax", ("flax==0.12.8", "jax<0.11"), None),
        ("flax:tree==0.12.12@3.12", "flax:tree", ("flax==0.12.12",), "3.12"),
        ("flax==0.10.7", "flax", ("flax==0.10.7", "jax<0.7"), None),
        ("flax==0.10.7+jax==0.6.0", "flax", ("flax==0.10.7", "jax==0.6.0"), None),
        ("flax==0.10.2+optax", "flax", ("flax==0.10.2", "optax", "jax<0.5"), None),
        ("flax>=0.12,<0.13", "flax", ("flax<0.13,>=0.12",), None),
        ("reference+jax==0.10.2@3.13", "reference", ("jax==0.10.2",), "3.13"),
        ("mutant:pop-first", "mutant:pop-first", (), None),
        ("my_package.adapter:load+my-package==2.1", "my_package.adapter:load", ("my-package==2.1",), None),
    ],
)
def test_columns(text: str, backend: str, requirements: tuple[str, ...], python: str | None) -> None:
    column = parse(text)
    assert (column.backend, column.requirements, column.python) == (backend, requirements, python)
    assert column.own == (backend.startswith("my_"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flaxx==1", "no backend 'flaxx'; did you mean 'flax'?"),
        ("reference==1", "reference is a part of nnxspec and has no releases"),
        ("my.adapter:load==1", "a module of your own and has no releases"),
        ("flax==0.12.8@python3", "after @ stands a version of Python, as in @3.12"),
        ("flax=0.12.8", "is no column"),
        ("flax==", "is no column"),
        ("==1", "is no column"),
        ("", "is no column"),
        ("flax==1+ what is this", "is no column"),
    ],
)
def test_what_is_no_column_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(ColumnError) as caught:
        parse(text)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_files_are_told_by_their_ending() -> None:
    assert is_report("a/b.json") and is_report("B.JSON") and not is_report("flax==0.12.8")


def test_what_a_column_says_replaces_what_nnxspec_needs() -> None:
    names = [text.split(">")[0].split("<")[0].split("=")[0] for text in own_requirements(["flax==1", "jax<0.7"])]
    assert "jax" not in names and "jaxlib" not in names and {"hypothesis", "numpy", "pytest"} <= set(names)
    assert any(text.startswith("jax>=") for text in own_requirements(["flax==1", "optax"]))


class Machine:
    """Stands in for processes: notes what is started, and answers."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.started: list[list[str]] = []

    def __call__(self, command: Sequence[str], cwd: Path | None) -> tuple[int, str]:
        self.started.append(list(command))
        status, heard = self.answers.pop(0) if self.answers else (0, "")
        if status == 0 and "venv" in command:
            python = Path(command[-1], "bin", "python")
            python.parent.mkdir(parents=True)
            python.touch()
        return status, heard


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_environment_is_made_once(tmp_path: Path, installer: str) -> None:
    machine, said = Machine(), list[str]()
    environments = Environments(tmp_path / "cache", installer, run=machine)
    first = environments.python_for(parse("flax==0.12.8"), said.append)
    assert len(machine.started) == 2 and len(said) == 1 and "flax==0.12.8" in said[0]
    assert all(installer in command or "venv" in command for command in machine.started)
    assert "flax==0.12.8" in machine.started[1]
    assert environments.python_for(parse("flax:tree==0.12.8"), said.append) == first
    assert (
        Environments(tmp_path / "cache", installer, run=machine).python_for(parse("flax==0.12.8"), said.append) == first
    )
    assert len(machine.started) == 2
    assert environments.python_for(parse("flax==0.12.7"), said.append) != first


def test_environments_are_made_anew_once_if_asked(tmp_path: Path) -> None:
    machine = Machine()
    Environments(tmp_path, "pip", run=machine).python_for(parse("flax"), lambda line: None)
    fresh = Environments(tmp_path, "pip", fresh=True, run=machine)
    for name in ("flax", "flax:tree", "flax"):
        fresh.python_for(parse(name), lambda line: None)
    assert len(machine.started) == 4


def test_half_an_environment_is_made_anew(tmp_path: Path) -> None:
    machine = Machine()
    python = Environments(tmp_path, "pip", run=machine).python_for(parse("flax==0.12.8"), lambda line: None)
    (python.parents[1] / "ready.json").unlink()
    Environments(tmp_path, "pip", run=machine).python_for(parse("flax==0.12.8"), lambda line: None)
    assert len(machine.started) == 4


PIP_NOTHING = """\
ERROR: Ignored the following versions that require a different python version: 0.12.12 Requires-Python >=3.12
ERROR: Could not find a version that satisfies the requirement flax==99 (from versions: 0.12.7, 0.12.8)
ERROR: No matching distribution found for flax==99
"""
PIP_CONFLICT = """\
INFO: pip is looking at multiple versions of flax
ERROR: Cannot install flax==0.12.8 and jax==0.4.30 because these package versions have conflicting dependencies.

The conflict is caused by:
    The user requested jax==0.4.30
    flax 0.12.8 depends on jax>=0.10.0

To fix this you could try to:
1. loosen the range
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io
"""
UV_PYTHON = """\
error: No solution found when resolving dependencies
  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.12 and flax==0.12.12 depends on
         Python>=3.12, we can conclude that flax==0.12.12 cannot be used.
"""


@pytest.mark.parametrize(
    ("text", "heard", "told"),
    [
        ("flax==99", PIP_NOTHING, "No matching distribution found for flax==99; the newest for this Python is 0.12.8"),
        (
            "flax==0.12.12@3.11",
            PIP_NOTHING,
            "flax==0.12.12 needs Python >=3.12: choose one, as in flax==0.12.12@3.12",
        ),
        ("flax==0.12.12", UV_PYTHON, "flax==0.12.12 needs Python >=3.12: choose one, as in flax==0.12.12@3.12"),
        (
            "flax==0.12.8+jax==0.4.30",
            PIP_CONFLICT,
            "The user requested jax==0.4.30; flax 0.12.8 depends on jax>=0.10.0",
        ),
        (
            "flax==99",
            "error: no\n  cause: Because there is no\n    version of flax==99",
            "Because there is no version of",
        ),
        ("flax", "", "the installer failed and said nothing"),
    ],
)
def test_why_nothing_was_installed_is_told_in_one_line(text: str, heard: str, told: str) -> None:
    line = reason(heard, parse(text))
    assert told in line and "\n" not in line


def test_what_cannot_be_installed_leaves_a_log_and_no_environment(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match="No matching distribution") as caught:
        Environments(tmp_path, "pip", run=Machine((0, ""), (1, PIP_NOTHING))).python_for(
            parse("flax==99"), lambda line: None
        )
    assert caught.value.log is not None and PIP_NOTHING in caught.value.log.read_text(encoding="utf-8")
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_pythons_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_python(None, False, Machine()) == sys.executable
    assert find_python(f"3.{sys.version_info[1]}", False, Machine()) == sys.executable
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(CannotInstall, match=r"there is no Python 3.99 here"):
        find_python("3.99", False, Machine())
    there = tmp_path / "versions" / "3.99.1" / "bin" / "python3.99"
    there.parent.mkdir(parents=True)
    there.touch()
    assert find_python("3.99", False, Machine((0, "3.99\n"))) == str(there)
    with pytest.raises(CannotInstall):  # it is there, and does not run
        find_python("3.99", False, Machine((1, "")))
    assert find_python("3.99", True, Machine((1, ""), (0, "/uv/python\n"), (0, "3.99\n"))) == "/uv/python"
