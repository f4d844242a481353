"""Runs the columns of a matrix: each in its environment, some at a time; one that fails leaves the others."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nnxspec

from ..files import FileError
from ..report import Report, load
from .columns import Column
from .environments import CannotInstall, Environments

_PROGRESS = re.compile(r"\d+/\d+ laws, \d+ failed, \d+ s")


@dataclass(frozen=True)
class Missing:
    """A column without a report.

    Args:
        column: what the user typed.
        reason: why there is no report, on one line.
    """

    column: str
    reason: str


@dataclass
class Runs:
    """Runs columns.

    Args:
        environments: where the columns are installed.
        options: of `nnxspec check`, for every column.
        say: takes the name of a column and a line on how far it is.
        reports: a folder in which each column's own report is kept; None to keep none.
    """

    environments: Environments
    options: Sequence[str]
    say: Callable[[str, str], None]
    reports: Path | None = None
    _alive: set[subprocess.Popen[str]] = field(default_factory=set)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def all(self, columns: Sequence[Column], jobs: int) -> list[Report | Missing]:
        """The reports of the columns in their order.

        Args:
            columns: the columns.
            jobs: how many may run at a time.
        """
        with tempfile.TemporaryDirectory(prefix="nnxspec-matrix-") as folder:
            shared = Path(folder)
            snapshot(shared / "source")
            with ThreadPoolExecutor(max_workers=jobs) as pool:
                waiting = [pool.submit(self._one, column, shared, index) for index, column in enumerate(columns)]
                try:
                    return [each.result() for each in waiting]
                except KeyboardInterrupt:
                    self._stopped.set()
                    pool.shutdown(wait=False, cancel_futures=True)
                    for process in list(self._alive):
                        process.terminate()
                    raise

    def _one(self, column: Column, shared: Path, index: int) -> Report | Missing:
        try:
            python = self.environments.python_for(column, lambda line: self.say(column.text, line))
            if self._stopped.is_set():
                return Missing(column.text, "interrupted")
            file = shared / f"{index}.json"
            self.say(column.text, "checking")
            reason = self._check(column, python, shared, file)
            if not file.is_file():
                return self._lost(column, reason or "the run ended without a report")
            report = load(file)
            if self.reports is not None:
                shutil.copyfile(file, self.reports / f"{file_name(column.text)}.json")
        except CannotInstall as error:
            return self._lost(
                column, f"cannot be installed: {error}", f" (all of it in {error.log})" if error.log else ""
            )
        except (FileError, OSError) as error:
            return self._lost(column, str(error))
        self.say(column.text, "done")
        return report

    def _lost(self, column: Column, reason: str, more: str = "") -> Missing:
        self.say(column.text, reason + more)
        return Missing(column.text, reason)

    def _check(self, column: Column, python: Path, shared: Path, file: Path) -> str:
        """Runs the laws; gives what the run said at its end if it failed."""
        work = python.parents[1] / "work" / file_name(column.backend)
        work.mkdir(parents=True, exist_ok=True)
        places = [str(shared / "source"), *([os.getcwd()] if column.own else [])]
        environ = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONHOME", "PYTEST_ADDOPTS")}
        environ["PYTHONPATH"] = os.pathsep.join(places)
        command = [str(python), "-m", "nnxspec.harness.cli", "check", column.backend, "--brief", *self.options]
        with (work / "errors.txt").open("w+", encoding="utf-8") as errors:
            process = subprocess.Popen(
                [*command, "--report", str(file)],
                cwd=work,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
            )
            with process:
                self._alive.add(process)
                assert process.stdout is not None
                for line in process.stdout:
                    if _PROGRESS.fullmatch(line.strip()):
                        self.say(column.text, line.strip())
                status = process.wait()
            self._alive.discard(process)
            errors.seek(0)
            heard = [line.strip() for line in errors.read().splitlines() if line.strip()]
        return _ending(status, heard)


def _ending(status: int, heard: Sequence[str]) -> str:
    if status < 0:
        return f"the run was killed by {signal.Signals(-status).name}"
    ours = [line.removeprefix("nnxspec: ") for line in heard if line.startswith("nnxspec: ")]
    told = (ours or list(heard[-1:]))[-1:]
    return told[0][:500] if told else f"the run ended with status {status} and said nothing"


def snapshot(target: Path) -> None:
    """Copies this nnxspec into a folder that goes on the path of every environment.

    So all columns are judged by the same laws, those of the command that was typed, whether it runs from a checkout or
    is installed; nothing is built, and editing the checkout meanwhile does no harm.
    """
    for place in nnxspec.__path__:
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", "*_cache", "results")
        shutil.copytree(place, target / "nnxspec", ignore=ignored, dirs_exist_ok=True)


def file_name(text: str) -> str:
    """A name for files of what a user typed."""
    return re.sub(r"[^A-Za-z0-9.@_]+", "-", text).strip("-")


class Voice:
    """Tells on stderr how far each column is, one line at a time.

    Args:
        names: all columns, so that lines are aligned.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.width = max((len(name) for name in names), default=0)
        self.lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        with self.lock:
            print(f"{name:<{self.width}}  {line}", file=sys.stderr, flush=True)
