"""`nnxspec check`: the suite through pytest, away from the configuration of whatever folder it is typed in."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..telling import bad_input

if TYPE_CHECKING:
    from ..progress import Progress
    from ..report import Report

_PLUGIN = "nnxspec.harness.plugin"
_INTERNAL_ERROR = 3


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="run the laws on a backend",
        description="Run the laws on a backend; ends with a table of terms and verdicts, and the laws that fail.",
    )
    parser.add_argument("backend", metavar="BACKEND", help="a name (see 'nnxspec backends') or module[:attribute]")
    parser.add_argument("--device", metavar="D", help="cpu (default), gpu, tpu, ...")
    parser.add_argument("--profile", metavar="P", help="how many examples for each law: quick, default or thorough")
    parser.add_argument(
        "--law",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only laws whose id or term matches; repeatable",
    )
    parser.add_argument("-n", metavar="N", dest="workers", help="run in N processes, or 'auto'")
    parser.add_argument("--report", metavar="FILE", help="write all verdicts to a JSON file")
    parser.add_argument("--scripts", metavar="DIR", help="write a stand-alone script for every law that fails")
    parser.add_argument("--seed", metavar="N", type=int, help="where the search starts")
    parser.add_argument("--derandomize", action="store_true", help="try the same examples in every run")
    parser.add_argument(
        "--example",
        metavar="JSON",
        help="try one law (--law ID) on this example: JSON, or @FILE; no search",
    )
    parser.add_argument(
        "--beside",
        metavar="JSON",
        help="with --example: pass over this, which is known of the law (failure messages give it)",
    )
    parser.add_argument(
        "--deviations",
        metavar="FILE",
        action="append",
        default=[],
        help="TOML file of known violations, which do not make the run fail; repeatable",
    )
    parser.add_argument(
        "--no-deviations", action="store_true", help="without the known violations that nnxspec has on record"
    )
    parser.add_argument(
        "--update-deviations", metavar="FILE", help="append an entry to the file for every new violation of the run"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", help="how long one example may take (300; 0: as long as it likes)"
    )
    parser.add_argument(
        "--budget", metavar="TIME", help="spend this time (90s, 10m, 2h), on the laws not proved for longest first"
    )
    parser.add_argument(
        "--replay",
        metavar="REPORT|DIGEST",
        help="try what failed in a report, or one failure by its digest, again; no search",
    )
    parser.add_argument(
        "--database", metavar="DIR|URL", help="keep failing examples here, or at redis://HOST, for other machines too"
    )
    parser.add_argument("--brief", action="store_true", help="only the table and one line for each law that fails")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the laws. Exit status: 0 no law fails, 1 some do, 2 bad input, 3 the harness itself failed."""
    import pytest

    from ..progress import Named, Progress

    progress = Progress(sys.stdout, brief=arguments.brief)
    heard = io.StringIO()
    with _configuration() as ini, _without("PYTEST_ADDOPTS"):
        command = ["-c", ini, "--rootdir", os.getcwd(), "--noconftest", "-p", "no:cacheprovider", "-p", _PLUGIN]
        command += ["--import-mode=importlib", "--pyargs", "nnxspec.properties", *_options(arguments)]
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            status = pytest.main(command, plugins=[Named(progress)])
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
    from .. import deviations
    from ..verdicts import fails

    fresh = [deviations.from_record(record, report) for record in report.laws if fails(record) and record.witness]
    try:
        written = deviations.append(path, fresh)
    except deviations.DeviationError as error:
        return bad_input(str(error))
    todo = f"; write kind and reason where they say {deviations.TODO!r}" if written else ""
    print(f"{written} deviation{'s' * (written != 1)} written to {path}{todo}")
    return 0


def _options(arguments: argparse.Namespace) -> list[str]:
    options = [f"--nnx-backend={arguments.backend}"]
    options += [f"--nnx-law={pattern}" for pattern in arguments.law]
    names = ("device", "profile", "report", "scripts", "example", "beside", "timeout", "budget", "replay", "database")
    for name in names:
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
        # Some laws cost a hundred times what others do: who is done takes from who is not.
        options += ["-n", arguments.workers, "--dist", "worksteal"]
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
    lines = heard.splitlines()
    for mark in ("ERROR: nnxspec: ", "nnxspec: ", "error: "):  # ours, ours at the end of a run, that of a wrong option
        for line in lines:
            if mark in line:
                progress.finish()
                return bad_input(line.split(mark, 1)[1])
    return bad_input(heard.strip())
