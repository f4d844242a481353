"""`nnxspec reproduce`: stand-alone scripts of violations."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..telling import bad_input

if TYPE_CHECKING:
    from ..reproduce import Case


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "reproduce",
        help="write the stand-alone script of a violation",
        description="Write stand-alone scripts: in the backend's own API, failing as long as it violates the law.",
    )
    parser.add_argument(
        "what",
        metavar="LAW|REPORT|DIGEST",
        help="a law (or pattern) with known violations, a report, or the short name of a witness in a failure message",
    )
    parser.add_argument(
        "--backend", metavar="B", help="the backend that the script is for (default: where it was seen)"
    )
    parser.add_argument("--out", metavar="PATH", help="the script's file, or a folder for several (default: printed)")
    parser.add_argument(
        "--deviations", metavar="FILE", action="append", default=[], help="further known violations; repeatable"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the scripts; returns the exit status: 0 written, 2 bad input."""
    from nnxspec.spec import BackendError

    from .. import devices
    from ..reproduce import found, script
    from ..verdicts import load_all_bindings

    try:
        devices.started(None)
        load_all_bindings()  # the modules of the suite register the kinds of data that their strategies draw
        cases = found(arguments.what, arguments.backend, arguments.deviations)
        if len(cases) > 1 and arguments.out is None:
            raise ValueError(f"{arguments.what} has {len(cases)} witnesses: name a folder for the scripts with --out")
        scripts = [script(case, arguments.backend) for case in cases]
        for path, text in _places(cases, scripts, arguments.out):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path)
    except (ValueError, BackendError) as error:
        return bad_input(str(error))
    except OSError as error:
        return bad_input(f"the script cannot be written to {error.filename}: {error.strerror}")
    if arguments.out is None:
        print(scripts[0], end="")
    return 0


def _places(cases: Sequence[Case], scripts: Sequence[str], out: str | None) -> list[tuple[Path, str]]:
    """Where each script goes: a file for one, a folder for several."""
    if out is None:
        return []
    path = Path(out)
    if len(cases) == 1 and not path.is_dir() and not out.endswith("/"):
        return [(path, scripts[0])]
    if path.exists() and not path.is_dir():
        raise ValueError(f"{len(cases)} scripts want a folder, and {out} is a file")
    return [(path / case.name, text) for case, text in zip(cases, scripts, strict=True)]
