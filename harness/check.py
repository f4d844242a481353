"""`nnxspec check`: the suite through pytest, away from the configuration of whatever folder it is typed in."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from . import deviations, table
from .report import Report
from .verdicts import fails

_PLUGIN = "nnxspec.harness.plugin"
_INTERNAL_ERROR = 3


class Progress:
    """Shows how far a run is: one line that changes on a terminal, some lines elsewhere.

    Args:
        out: where to write.
        brief: whether to keep failure messages back.
    """

    def __init__(self, out: TextIO, *, brief: bool) -> None:
        self.out = out
        self.brief = brief
        self.live = out.isatty()
        self.total = 0
        self.done = 0
        self.failed = 0
        self.shown = 0
        self.start = time.monotonic()
        self.messages: list[str] = []
        self.trouble: list[str] = []
        self.report: Report | None = None
        self.unreached = 0
        self.unwritten: str | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = len(session.items) or self.total

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record: dict[str, Any] | None = getattr(report, "nnxspec", None)
        if record is None:
            if report.failed:  # the harness itself failed, or a worker died
                self.trouble.append(f"{report.nodeid}: {report.longrepr}")
            return
        self.done += 1
        if fails(record):
            self.failed += 1
            self.messages.append(str(report.longrepr))
        self._show(record)

    def _show(self, record: dict[str, Any]) -> None:
        count = f"{self.done}/{self.total}"
        if self.live:
            failed = f", {self.failed} failed" if self.failed else ""
            self.out.write(f"\r\x1b[K{count}{failed}  {record['law']}")
        elif self.done * 10 // max(self.total, 1) > self.shown or self.done == self.total:
            self.shown = self.done * 10 // max(self.total, 1)
            self.out.write(f"{count} laws, {self.failed} failed, {time.monotonic() - self.start:.0f} s\n")
        self.out.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        verdicts = session.config.pluginmanager.get_plugin("nnxspec-verdicts")
        self.report, self.unreached = getattr(verdicts, "report", None), getattr(verdicts, "unreached", 0)
        self.unwritten = getattr(verdicts, "trouble", None)
        if self.live:
            self.out.write("\r\x1b[K")

    def finish(self) -> None:
        """The end: failure messages, the table, the laws that fail."""
        if self.messages and not self.brief:
            rule = "=" * 100
            self.out.write("".join(f"\n{rule}\n{message.rstrip()}\n" for message in self.messages) + f"\n{rule}\n")
        if self.report is not None:
            lines = ["", table.headline(self.report), "", table.table(self.report.laws), ""]
            for part in table.remarks(self.report):
                lines += [*part, ""]
            lines += table.effort(self.report, self.unreached)
            self.out.write("\n".join([*lines, table.summary(self.report)]) + "\n")
        if self.unwritten is not None and self.failed:  # where no law fails it is the run's status that tells
            self.out.write(f"\nnnxspec: {self.unwritten}\n")
        for trouble in self.trouble:
            self.out.write(f"\nwithout a verdict: {trouble}\n")


def check(arguments: argparse.Namespace) -> int:
    """Runs the laws. Exit status: 0 no law fails, 1 some do, 2 bad input, 3 the harness itself failed."""
    progress = Progress(sys.stdout, brief=arguments.brief)
    heard = io.StringIO()
    with _configuration() as ini, _without("PYTEST_ADDOPTS"):
        command = ["-c", ini, "--rootdir", os.getcwd(), "--noconftest", "-p", "no:cacheprovider", "-p", _PLUGIN]
        command += ["--import-mode=importlib", "--pyargs", "nnxspec.properties", *_options(arguments)]
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            status = pytest.main(command, plugins=[_Named(progress)])
    if status == pytest.ExitCode.USAGE_ERROR:
        return _usage(heard.getvalue(), progress)
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        if "KeyboardInterrupt" in heard.getvalue():
            progress.finish()
            raise KeyboardInterrupt
        print(heard.getvalue(), file=sys.stderr)
        return _INTERNAL_ERROR
    progress.finish()
    if arguments.update_deviations is not None and progress.report is not None:
        return update_deviations(Path(arguments.update_deviations), progress.report)
    return 0 if status == pytest.ExitCode.OK else 1


def update_deviations(path: Path, report: Report) -> int:
    """Appends an entry for every new violation of a run. Exit status: 0 written, 2 the file system refuses."""
    from .cli import bad_input

    fresh = [deviations.from_record(record, report) for record in report.laws if fails(record) and record.witness]
    try:
        written = deviations.append(path, fresh)
    except deviations.DeviationError as error:
        return bad_input(str(error))
    todo = f"; write kind and reason where they say {deviations.TODO!r}" if written else ""
    print(f"{written} deviation{'s' * (written != 1)} written to {path}{todo}")
    return 0


class _Named:
    """Registers the progress display under the name by which the plugin knows that `nnxspec check` is running."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self.progress, "nnxspec-check")


def _options(arguments: argparse.Namespace) -> list[str]:
    options = [f"--nnx-backend={arguments.backend}"]
    options += [f"--nnx-law={pattern}" for pattern in arguments.law]
    for name in ("device", "profile", "report", "scripts", "example", "timeout", "budget", "replay", "database"):
        value = getattr(arguments, name)
        if value is not None:
            options.append(f"--nnx-{name}={value}")
    if arguments.seed is not None:
        options.append(f"--hypothesis-seed={arguments.seed}")
    files = list(arguments.deviations)
    if arguments.update_deviations is not None and Path(arguments.update_deviations).exists():
        files.append(arguments.update_deviations)
    options += [f"--nnx-deviations={file}" for file in files]
    if arguments.no_deviations:
        options.append("--nnx-no-deviations")
    if arguments.derandomize:
        options.append("--nnx-derandomize")
    if arguments.workers is not None:
        options += ["-n", arguments.workers]
    return options


@contextlib.contextmanager
def _configuration() -> Iterator[str]:
    """An empty configuration of pytest, so that the one of the folder we are in has no say."""
    with tempfile.TemporaryDirectory(prefix="nnxspec-") as folder:
        path = Path(folder) / "pytest.ini"
        path.write_text("[pytest]\n", encoding="utf-8")
        yield str(path)


@contextlib.contextmanager
def _without(variable: str) -> Iterator[None]:
    before = os.environ.pop(variable, None)
    try:
        yield
    finally:
        if before is not None:
            os.environ[variable] = before


def _usage(heard: str, progress: Progress) -> int:
    """Bad input, told in one line: pytest's own words are about options that the user has not typed."""
    from .cli import bad_input

    lines = heard.splitlines()
    for mark in ("ERROR: nnxspec: ", "nnxspec: ", "error: "):  # ours, ours at the end of a run, that of a wrong option
        for line in lines:
            if mark in line:
                progress.finish()
                return bad_input(line.split(mark, 1)[1])
    return bad_input(heard.strip())
