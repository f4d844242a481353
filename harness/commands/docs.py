"""`nnxspec docs DIR`: the specification as a site, one page a law."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..telling import bad_input


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "docs",
        help="write the specification as a site, one page a law",
        description="Write the specification as a site: terms, laws, what they rest on. It needs no server.",
    )
    parser.add_argument("folder", metavar="DIR", help="where to write it: a new folder, or that of an earlier site")
    parser.add_argument("--law", metavar="PATTERN", action="append", default=[], help="only these laws; repeatable")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the site; returns the exit status."""
    from ..choose import laws_matching
    from ..pages.site import write

    try:
        folder = Path(arguments.folder)
        pages = write(folder, laws_matching(arguments.law))
    except ValueError as error:  # a pattern that matches nothing, or a folder that cannot be
        return bad_input(str(error))
    print(f"{pages} pages in {folder}: open {folder / 'index.html'}")
    return 0
