"""`nnxspec report`: reports that are there already, as a page, as Markdown, as one file; and `nnxspec badge`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..telling import bad_input
from .outputs import add_outputs, check_outputs, write_outputs


def add(commands: Any) -> None:
    """Adds the commands to the command line."""
    parser = commands.add_parser(
        "report",
        help="show reports that are there already: as a page, as Markdown, in one file",
        description="Show reports of earlier runs side by side. Without an option it prints a table.",
    )
    parser.add_argument("reports", metavar="REPORT", nargs="*", help="a report, or a matrix, as JSON")
    add_outputs(parser)
    parser.add_argument(
        "--schema", choices=("report", "matrix", "mutants"), help="print the JSON schema of one of these instead"
    )
    parser.set_defaults(run=run)
    sign = commands.add_parser(
        "badge",
        help="print the JSON of a badge for a report",
        description="Print the JSON that shields.io reads to draw a badge (https://shields.io/badges/endpoint-badge).",
    )
    sign.add_argument("report", metavar="REPORT", help="a report as JSON")
    sign.add_argument("--label", metavar="TEXT", default="NNX laws", help="the badge's left side")
    sign.set_defaults(run=run_badge)


def run(arguments: argparse.Namespace) -> int:
    """Shows reports; returns the exit status: 0 shown, 2 bad input."""
    from ..files import FileError
    from ..matrix.merged import Matrix, merge, read
    from ..matrix.running import Missing
    from ..pages.text import table
    from ..schema import published

    if arguments.schema:
        sys.stdout.write(published(arguments.schema))
        return 0
    if not arguments.reports:
        return bad_input("name at least one report; 'nnxspec check BACKEND --report FILE' writes one")
    parts = []
    try:
        check_outputs(arguments)
        for text in dict.fromkeys(arguments.reports):
            try:
                parts.append(read(Path(text)))
            except FileError as error:
                print(f"nnxspec: {error}", file=sys.stderr)
                parts.append(Matrix([], [Missing(text, str(error).removeprefix(text).lstrip(" :"))]))
        matrix = merge(parts)
        if not matrix.columns:
            return bad_input("none of the reports can be read")
        write_outputs(arguments, matrix)
    except FileError as error:
        return bad_input(str(error))
    if not any((arguments.html, arguments.markdown, arguments.json, arguments.badge)):
        print(table(matrix))
    return 0


def run_badge(arguments: argparse.Namespace) -> int:
    """Prints a badge; returns the exit status."""
    from ..files import FileError
    from ..matrix.merged import read
    from ..pages.badge import badge

    try:
        matrix = read(Path(arguments.report))
    except FileError as error:
        return bad_input(str(error))
    if len(matrix.columns) != 1:
        return bad_input(f"{arguments.report} has {len(matrix.columns)} reports; a badge is of one")
    print(json.dumps(badge(matrix.columns[0], arguments.label), indent=1))
    return 0
