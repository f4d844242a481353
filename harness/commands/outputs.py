"""Where a matrix goes: the options that every command which shows one has."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

FORMS = ("json", "html", "markdown", "badge")


def add_outputs(parser: argparse.ArgumentParser, *, badge: bool = True) -> None:
    """Adds the options."""
    parser.add_argument("--html", metavar="FILE", help="write one page with everything, which needs no other file")
    parser.add_argument("--markdown", metavar="FILE", help="write tables for a pull request; - prints them")
    parser.add_argument("--json", metavar="FILE", help="write all reports to one JSON file")
    if badge:
        parser.add_argument(
            "--badge", metavar="FILE", help="write the JSON of a badge for shields.io, of the first column"
        )


def check_outputs(arguments: argparse.Namespace) -> None:
    """Checks before long work that its results can be written.

    Raises:
        FileError: they cannot.
    """
    from ..files import check_writable

    for form in FORMS:
        place = getattr(arguments, form, None)
        if place is not None and place != "-":
            check_writable(Path(place))


def write_outputs(arguments: argparse.Namespace, matrix: object) -> None:
    """Writes what the options ask for.

    Raises:
        FileError: the file system refuses.
    """
    from ..files import FileError, put
    from ..matrix.merged import Matrix, write
    from ..pages.badge import badge
    from ..pages.markdown import markdown
    from ..pages.report_page import page

    assert isinstance(matrix, Matrix)
    if arguments.json:
        write(matrix, Path(arguments.json))
    for form, make in (("html", page), ("markdown", markdown)):
        place = getattr(arguments, form)
        if place == "-":
            sys.stdout.write(make(matrix))
        elif place:
            put(Path(place), make(matrix))
    if getattr(arguments, "badge", None):
        if not matrix.columns:
            raise FileError("no report, so no badge")
        put(Path(arguments.badge), json.dumps(badge(matrix.columns[0]), indent=1) + "\n")
