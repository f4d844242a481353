"""How far `nnxspec check` is: a line while laws run, and what there is to tell in the end."""

from __future__ import annotations

import time
from typing import Any, TextIO

import pytest

from . import table
from .report import Report
from .verdicts import fails


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


class Named:
    """Registers the progress display under the name by which the plugin knows that `nnxspec check` is running."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self.progress, "nnxspec-check")
