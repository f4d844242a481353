"""The pytest plugin: options, one session, verdicts as outcomes, and what is shown and written at the end.

Every pytest run of every environment that has nnxspec imports this module. So it imports pytest alone, and until a
bound law is collected, or one of its options given, it does nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .report import Report
    from .session import Session

_OPTIONS = (
    "nnx_backend",
    "nnx_device",
    "nnx_report",
    "nnx_profile",
    "nnx_law",
    "nnx_example",
    "nnx_scripts",
    "nnx_derandomize",
)
_SESSION = pytest.StashKey["Session"]()
_SEED = pytest.StashKey[int]()
_SUITE = Path(__file__).resolve().parents[1] / "properties"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nnxspec", "laws of the NNX object model")
    add = group.addoption
    add(
        "--nnx-backend",
        metavar="NAME",
        help="reference (default), flax, ..., or module[:attribute]",
    )
    add("--nnx-device", metavar="NAME", help="cpu (default), gpu, tpu, ...; the CPU stays there beside it")
    add("--nnx-profile", metavar="NAME", help="how many examples for each law: quick, default or thorough")
    add(
        "--nnx-law",
        metavar="PATTERN",
        action="append",
        help="only laws whose id, or whose term, matches, e.g. 'split.*' or 'variable-state'; may be repeated",
    )
    add("--nnx-report", metavar="FILE", help="write all verdicts to a JSON file")
    add("--nnx-scripts", metavar="DIR", help="write a stand-alone script for every law that fails")
    add(
        "--nnx-example",
        metavar="JSON",
        help="try one law on this example (failure messages give it), no search",
    )
    add(
        "--nnx-derandomize",
        action="store_true",
        default=None,
        help="the same examples in every run (if CI: default)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Verdicts(config), "nnxspec-verdicts")
    if all(getattr(config.option, name, None) is None for name in _OPTIONS):
        return
    # Bad input is told before any test runs, and by the controller of a distributed run instead of each worker.
    _session(config)


def _session(config: pytest.Config) -> Session:
    """The session that the options ask for, made at the first call."""
    if _SESSION not in config.stash:
        _announce(config)
        from .choose import choose

        config.stash[_SESSION] = choose(config, seed=_seed(config))
    return config.stash[_SESSION]


def _announce(config: pytest.Config) -> None:
    """Says which devices there are to be, before jax starts."""
    from .devices import announce

    announce(config.option.nnx_device)


def _seed(config: pytest.Config) -> int:
    """One seed for the whole run, the same in every worker, so that a report can name it."""
    if _SEED not in config.stash:
        inherited = getattr(config, "workerinput", {}).get("nnxspec_seed")
        config.stash[_SEED] = int.from_bytes(os.urandom(4)) if inherited is None else inherited
    return config.stash[_SEED]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: a worker is about to start."""
    node.workerinput["nnxspec_seed"] = _seed(node.config)
    if node.config.pluginmanager.has_plugin("nnxspec-check"):
        node.workerinput["nnxspec_command"] = "nnxspec"


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """The suite's modules import jax, and it looks for devices when it is first used."""
    if module_path.resolve().is_relative_to(_SUITE):
        _announce(parent.config)


def _law(item: pytest.Item) -> Any:
    binding = getattr(getattr(item, "function", None), "binding", None)
    return getattr(binding, "law", None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    bound = [item for item in items if _law(item) is not None]
    if not bound:
        return
    from .choose import selected
    from .session import use_session

    use_session(_session(config))
    patterns = config.option.nnx_law
    if patterns:
        left_out = [item for item in bound if not selected(_law(item), patterns)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            gone = set(left_out)
            items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report: pytest.TestReport = yield
    law = _law(item)
    if law is not None and call.when == "call":
        record = _session(item.config).records.get(law.id)
        if record is not None:
            # An attribute of a report is carried from an xdist worker to the controller.
            report.nnxspec = record.as_dict()  # type: ignore[attr-defined]
    return report


class Verdicts:
    """Gathers the verdicts of a run, from this process or from xdist's workers, and says at the end what they are."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.records: list[dict[str, Any]] = []
        self.report: Report | None = None
        self.trouble: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = getattr(report, "nnxspec", None)
        if record is not None:
            self.records.append(record)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.config.option.nnx_report is None and not self.records:
            return
        from . import report

        if self.records:
            self.report = report.build(_session(self.config), self.records)
        path = self.config.option.nnx_report
        if path is None:
            return
        try:
            report.write(self.report or report.build(_session(self.config), []), Path(path))
        except report.ReportError as error:
            self.trouble = str(error)
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.report is not None:
            from . import table

            terminalreporter.section("nnxspec")
            terminalreporter.write_line(table.headline(self.report))
            for line in table.failures(self.report.laws):
                terminalreporter.write_line(line)
            terminalreporter.write_line(table.summary(self.report))
        if self.trouble is not None:
            terminalreporter.write_line(f"nnxspec: {self.trouble}", red=True)
