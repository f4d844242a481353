"""`nnxspec matrix`: several backends and releases, each in an environment of its own, in one picture."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..telling import bad_input
from .outputs import add_outputs, check_outputs, write_outputs

if TYPE_CHECKING:
    from ..matrix.merged import Matrix

CACHE = ".nnxspec/environments"
"""Where environments are kept, in the folder in which the command is typed."""

_EPILOG = """\
a column is BACKEND[==RELEASE][+REQUIREMENT...][@PYTHON], or a report's .json:
  flax==0.12.8                 flax.nnx of that release, with a jax that it goes with
  flax:tree==0.12.12@3.12      the same in tree mode, on Python 3.12
  flax==0.10.7+jax==0.6.0      with another jax
  my_package.adapter:load+my-package==2.1
  old.json                     the report of an earlier run

exit status: 0 every law holds, is not supported or fails as known; 1 some law fails, or a column has no report;
2 bad input.
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "matrix",
        help="run several backends and releases, each in its own environment, and show them side by side",
        description="Run the laws on several backends and releases, each installed in an environment of its own.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("columns", metavar="COLUMN", nargs="+", help="a backend with a release, or a report")
    add_outputs(parser)
    add_run_options(parser)
    parser.set_defaults(run=run)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Adds what says how columns are installed and run."""
    parser.add_argument("-j", metavar="N", dest="jobs", type=int, help="run N columns at a time (the number of cores)")
    parser.add_argument("--cache", metavar="DIR", default=CACHE, help=f"keep the environments here ({CACHE})")
    parser.add_argument("--fresh", action="store_true", help="make the environments anew, with what is newest today")
    parser.add_argument("--installer", choices=("uv", "pip"), help="what installs (uv where it is there, else pip)")
    parser.add_argument("--python", metavar="3.N", help="the Python of columns that name none (the one that runs now)")
    parser.add_argument("--reports", metavar="DIR", help="keep the report of every column here, too")
    parser.add_argument("--profile", metavar="P", help="how many examples for each law: quick, default or thorough")
    parser.add_argument("--law", metavar="PATTERN", action="append", default=[], help="only these laws; repeatable")
    parser.add_argument("--seed", metavar="N", type=int, help="where searches start")
    parser.add_argument("--derandomize", action="store_true", help="try the same examples in every run")
    parser.add_argument("--no-deviations", action="store_true", help="show known violations as violated")
    parser.add_argument("--timeout", metavar="SECONDS", help="how long one example may take")
    parser.add_argument("--budget", metavar="TIME", help="spend this time (90s, 10m, 2h) on each column")


def run(arguments: argparse.Namespace) -> int:
    """Runs the matrix; returns the exit status."""
    from ..files import FileError
    from ..matrix.columns import ColumnError
    from ..pages.text import table
    from ..verdicts import fails

    try:
        check_outputs(arguments)
        matrix = gathered(arguments.columns, arguments)
        if not matrix.columns:
            return bad_input("no column has a report: " + "; ".join(f"{m.column}: {m.reason}" for m in matrix.missing))
        write_outputs(arguments, matrix)
    except (ColumnError, FileError) as error:
        return bad_input(str(error))
    if arguments.markdown != "-":
        print(table(matrix))
    failed = any(fails(record) for report in matrix.columns for record in report.laws)
    return int(failed or bool(matrix.missing))


def gathered(texts: list[str], arguments: argparse.Namespace) -> Matrix:
    """The matrix of columns as a user typed them: reports are read, the others run.

    Raises:
        ColumnError: what was typed is no column.
        FileError: no folder for reports or environments can be made.
    """
    from ..files import FileError
    from ..matrix.columns import ColumnError, is_report, parse
    from ..matrix.environments import Environments
    from ..matrix.merged import Matrix, merge, read
    from ..matrix.running import Missing, Runs, Voice

    unique = list(dict.fromkeys(texts))
    for text in unique:
        if texts.count(text) > 1:
            print(f"nnxspec: {text} was typed {texts.count(text)} times; it gets one column", file=sys.stderr)
    columns = [parse(_with_python(text, arguments.python)) for text in unique if not is_report(text)]
    parts: dict[str, Matrix] = {}
    for text in unique:
        if is_report(text):
            try:
                parts[text] = read(Path(text))
            except FileError as error:
                print(f"nnxspec: {error}", file=sys.stderr)
                parts[text] = Matrix([], [Missing(text, str(error).removeprefix(text).lstrip(" :"))])
    if columns:
        _checked(arguments)
        place = Path(arguments.cache).absolute()
        if arguments.installer == "uv" and not shutil.which("uv"):
            raise ColumnError("there is no uv on the PATH: pip install uv, or leave --installer out")
        try:
            place.mkdir(parents=True, exist_ok=True)
            if arguments.reports:
                Path(arguments.reports).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{error.filename} cannot be made: {error.strerror}") from None
        runs = Runs(
            Environments(place, arguments.installer, arguments.fresh),
            _options(arguments),
            Voice([column.text for column in columns]),
            Path(arguments.reports).absolute() if arguments.reports else None,
        )
        found = runs.all(columns, arguments.jobs or os.cpu_count() or 1)
        asked = [text for text in unique if not is_report(text)]
        for text, each in zip(asked, found, strict=True):
            parts[text] = Matrix([], [each]) if isinstance(each, Missing) else Matrix([each])
    return merge([parts[text] for text in unique])


def _with_python(text: str, python: str | None) -> str:
    return text if python is None or "@" in text else f"{text}@{python}"


def _checked(arguments: argparse.Namespace) -> None:
    """Refuses, before anything is installed, what every column would refuse."""
    from ..budget import seconds
    from ..choose import laws_matching
    from ..matrix.columns import ColumnError
    from ..profiles import PROFILES

    if arguments.jobs is not None and arguments.jobs < 1:
        raise ColumnError(f"-j {arguments.jobs}: at least one column has to run")
    if arguments.profile not in (None, *PROFILES):
        raise ColumnError(f"unknown profile {arguments.profile!r}: choose {', '.join(PROFILES)}")
    try:
        laws_matching(arguments.law)
        if arguments.budget is not None:
            seconds(arguments.budget, "--budget")
    except ValueError as error:
        raise ColumnError(str(error)) from None


def _options(arguments: argparse.Namespace) -> list[str]:
    options = [f"--law={pattern}" for pattern in arguments.law]
    for name in ("profile", "seed", "timeout", "budget"):
        value = getattr(arguments, name)
        if value is not None:
            options.append(f"--{name}={value}")
    return options + [f"--{n}" for n in ("derandomize", "no-deviations") if getattr(arguments, n.replace("-", "_"))]
