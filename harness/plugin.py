"""The pytest plugin: options, one session, verdicts as outcomes, and what is shown and written at the end.

Every pytest run of every environment that has nnxspec imports this module. So it imports pytest alone, and until a
bound law is collected, or one of its options given, it does nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .guard import Guard
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
    "nnx_deviations",
    "nnx_no_deviations",
    "nnx_timeout",
    "nnx_budget",
    "nnx_replay",
    "nnx_database",
    "nnx_beside",
)
_SESSION = pytest.StashKey["Session"]()
_SEED = pytest.StashKey[int]()
_GUARD = pytest.StashKey["Guard"]()
_RESTARTS = "1000"
_UNREACHED = "not tried: the time budget is spent"  # as `nnxspec.harness.outcome.UNREACHED`, which imports jax
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
        "--nnx-beside",
        metavar="JSON",
        help="with --nnx-example: pass over this, which is known of the law (failure messages give it)",
    )
    add(
        "--nnx-derandomize",
        action="store_true",
        default=None,
        help="the same examples in every run (if CI: default)",
    )
    add(
        "--nnx-deviations",
        metavar="FILE",
        action="append",
        help="TOML file of known violations, which do not make the run fail; repeatable",
    )
    add(
        "--nnx-no-deviations",
        action="store_true",
        default=None,
        help="without the known violations that nnxspec has on record",
    )
    add(
        "--nnx-timeout",
        metavar="SECONDS",
        help="how long one example may take (300; 0: as long as it likes); the law then ends in an error that names it",
    )
    add(
        "--nnx-budget",
        metavar="TIME",
        help="spend this time (90s, 10m, 2h) on the laws, those first that were not proved for longest",
    )
    add(
        "--nnx-replay",
        metavar="REPORT|DIGEST",
        help="try the laws that failed in a report, or one by its digest, on the same examples again, no search",
    )
    add(
        "--nnx-database",
        metavar="DIR|URL",
        help="keep failing examples in this folder, or redis://HOST, for other machines to try first",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Verdicts(config), "nnxspec-verdicts")
    if all(getattr(config.option, name, None) is None for name in _OPTIONS):
        return
    # Bad input is told before any test runs, and by the controller of a distributed run instead of each worker.
    _session(config)
    if getattr(config.option, "maxworkerrestart", "") is None:
        config.option.maxworkerrestart = _RESTARTS  # pytest-xdist reads it later, and would soon give up


def pytest_unconfigure(config: pytest.Config) -> None:
    guard = _guard(config)
    if guard is not None:
        guard.close()


def _guard(config: pytest.Config) -> Guard | None:
    """What guards the run, if it has a session."""
    return config.stash.get(_GUARD, None)


def _session(config: pytest.Config) -> Session:
    """The session that the options ask for, made at the first call."""
    if _SESSION not in config.stash:
        _announce(config)
        from .choose import choose

        session = choose(config, seed=_seed(config))
        from .guard import Guard

        config.stash[_GUARD] = Guard(config, session)
        config.stash[_SESSION] = session
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
    guard = _guard(node.config)
    if guard is not None:
        node.workerinput.update(guard.passed_on())


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: Any) -> None:
    """pytest-xdist: a worker died while it ran a test. Its journal says in which example, so the law gets a verdict."""
    node = getattr(report, "node", None)
    guard = None if node is None else _guard(node.config)
    if guard is not None:
        guard.died(node, crashitem, report)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """The suite's modules import jax, and it looks for devices when it is first used."""
    if module_path.resolve().is_relative_to(_SUITE):
        _announce(parent.config)


def _law(item: pytest.Item) -> Any:
    binding = getattr(getattr(item, "function", None), "binding", None)
    return getattr(binding, "law", None)


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by the marks that HypoFuzz asks for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    bound = [item for item in items if _law(item) is not None]
    if not bound:
        return
    from .choose import selected
    from .session import use_session

    session = _session(config)
    use_session(session)
    config.stash[_GUARD].begin()
    if session.replayed is not None:
        _deselect(config, items, [item for item in bound if _law(item).id not in session.replayed])
    if session.budget is not None:
        in_order = config.stash[_GUARD].in_order({_law(item).id for item in bound})
        # The sort is stable: what is no law of ours comes first, as it stood.
        items.sort(key=lambda item: in_order[_law(item).id] if _law(item) is not None else -1)
    patterns = config.option.nnx_law
    if patterns:
        _deselect(config, items, [item for item in bound if not selected(_law(item), patterns)])
    if "hypofuzz" in sys.modules:
        from .fuzzing import fuzzed, hand_over, prepare

        if fuzzed():
            prepare()
            for item in bound:
                assert isinstance(item, pytest.Function)
                hand_over(item, item.function.binding, session)


def _deselect(config: pytest.Config, items: list[pytest.Item], left_out: list[pytest.Item]) -> None:
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
        self.unreached = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = getattr(report, "nnxspec", None)
        if record is not None:
            self.records.append(record)
            if report.failed:
                self.write()  # what has been found is not lost, whatever happens next
        elif report.skipped and isinstance(report.longrepr, tuple) and _UNREACHED in report.longrepr[2]:
            self.unreached += 1

    def write(self) -> None:
        """Writes the report as it stands, if one is wanted; what prevents it is told at the end."""
        from . import report
        from .files import FileError

        path = self.config.option.nnx_report
        if path is None:
            return
        try:
            report.write(self.report or report.build(_session(self.config), self.records), Path(path))
            self.trouble = None
        except FileError as error:
            self.trouble = str(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.config.option.nnx_report is None and not self.records:
            return
        from . import report

        if self.records:
            self.report = report.build(_session(self.config), self.records)
            self.config.stash[_GUARD].proved(self.report)
        self.write()
        if self.trouble is not None and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.report is not None:
            from . import table

            terminalreporter.section("nnxspec")
            terminalreporter.write_line(table.headline(self.report))
            for line in (line for part in table.remarks(self.report) for line in part):
                terminalreporter.write_line(line)
            for line in table.effort(self.report, self.unreached):
                terminalreporter.write_line(line)
            terminalreporter.write_line(table.summary(self.report))
        if self.trouble is not None:
            terminalreporter.write_line(f"nnxspec: {self.trouble}", red=True)
