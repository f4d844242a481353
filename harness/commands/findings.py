"""`nnxspec findings`: the page of what libraries do differently, from reports."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..telling import bad_input

_EPILOG = """\
examples:
  nnxspec check flax --no-deviations --report flax.json
  nnxspec bisect transformation flax --json since.json
  nnxspec findings flax.json --bisected since.json --out FINDINGS.md
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "findings",
        help="write the page of what libraries do differently, for their maintainers",
        description="Write what reports say is violated as one Markdown page, law by law, with examples.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reports", metavar="REPORT", nargs="+", help="a report, or a matrix, made with --no-deviations")
    parser.add_argument(
        "--bisected", metavar="FILE", action="append", default=[], help="what 'nnxspec bisect --json' wrote; repeatable"
    )
    parser.add_argument("--scripts", metavar="DIR", help="short scripts in the libraries' own API: DIR/BACKEND/LAW.py")
    parser.add_argument("--command", metavar="TEXT", dest="made_by", default="", help="say that this made the reports")
    parser.add_argument("--out", metavar="FILE", default="-", help="write the page here (default: printed)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the page; returns the exit status."""
    from ..files import FileError, check_writable, put
    from ..matrix.merged import merge, read
    from ..pages.findings import findings, told_by

    since: dict[tuple[str, str], str] = {}
    try:
        if arguments.out != "-":
            check_writable(Path(arguments.out))
        if arguments.scripts and not Path(arguments.scripts).is_dir():
            return bad_input(f"there is no folder {arguments.scripts}")
        matrix = merge([read(Path(text)) for text in dict.fromkeys(arguments.reports)])
        for name in arguments.bisected:
            try:
                since |= told_by(json.loads(Path(name).read_text(encoding="utf-8")))
            except OSError as error:
                return bad_input(f"{name} cannot be read: {error.strerror}")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return bad_input(f"{name}: {error or 'it is not what nnxspec bisect --json writes'}")
        scripts = Path(arguments.scripts) if arguments.scripts else None
        base = f"{scripts.as_posix().rstrip('/')}/" if scripts is not None else ""
        text = findings(matrix, since, scripts, base=base, command=arguments.made_by)
        if arguments.out == "-":
            sys.stdout.write(text)
        else:
            put(Path(arguments.out), text)
    except FileError as error:
        return bad_input(str(error))
    return 0
