"""`nnxspec diff OLD NEW`: which laws changed their verdict between two reports, or two releases."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..telling import bad_input
from .matrix import add_run_options, gathered

_EPILOG = """\
examples:
  nnxspec diff before.json after.json
  nnxspec diff flax==0.12.8 flax==0.12.12@3.12 --profile quick

exit status: 0 no law is newly violated, 1 some law is (on record as known or not), 2 bad input.
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "diff",
        help="what an upgrade changes: two reports, or two releases, compared",
        description="Show which laws changed their verdict, with the example that shows it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", metavar="OLD", help="a report, or a column as 'nnxspec matrix' takes it")
    parser.add_argument("new", metavar="NEW", help="a report, or a column as 'nnxspec matrix' takes it")
    parser.add_argument("--markdown", metavar="FILE", help="write it as Markdown; - prints it")
    parser.add_argument("--json", metavar="FILE", help="write it as JSON; - prints it")
    parser.add_argument("--html", metavar="FILE", help="write both reports side by side as one page")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compares; returns the exit status."""
    from ..files import FileError, put
    from ..matrix.columns import ColumnError, is_report
    from ..matrix.difference import changes
    from ..pages import changes as shown
    from ..pages.report_page import page
    from .outputs import check_outputs

    if arguments.old == arguments.new:
        return bad_input(f"{arguments.old} was given twice: there is nothing to compare")
    try:
        check_outputs(arguments)
        matrix = gathered([arguments.old, arguments.new], arguments)
        if matrix.missing:
            return bad_input("; ".join(f"{lost.column}: {lost.reason}" for lost in matrix.missing))
        if len(matrix.columns) != 2:
            return bad_input(f"two reports can be compared, and there are {len(matrix.columns)} in these files")
        old, new = matrix.columns
        for note in matrix.notes:
            if "has the schema" in note:  # the others are told below
                print(f"nnxspec: {note}", file=sys.stderr)
        found = changes(old, new)
        markdown = shown.as_markdown(old, new, found)
        data = json.dumps(shown.as_dict(old, new, found), indent=1, ensure_ascii=False) + "\n"
        for place, text in ((arguments.markdown, markdown), (arguments.json, data)):
            if place == "-":
                sys.stdout.write(text)
            elif place:
                put(Path(place), text)
        if arguments.html:
            put(Path(arguments.html), page(matrix, "What changed"))
    except (ColumnError, FileError) as error:
        return bad_input(str(error))
    if "-" not in (arguments.markdown, arguments.json):
        both = is_report(arguments.old) and is_report(arguments.new)
        print(shown.as_text(old, new, found, (arguments.old, arguments.new) if both else None))
    return int(any(change.kind.worse for change in found))
