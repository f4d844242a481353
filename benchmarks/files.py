"""The files that `nnxspec bench` writes: refused before the run if they cannot be, and kept up to date during it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nnxspec.harness.files import FileError, check_writable, put

from . import markdown, plots, summary
from .export import pytest_benchmark_json
from .run import Row

OFTEN = 10.0
"""How many seconds lie at least between two times that the summary is written during a run."""


def check(arguments: argparse.Namespace) -> None:
    """Checks before a run that all that is asked for can be written after it.

    Raises:
        FileError: a file or the folder of the plots cannot be written.
        NoPlots: plots are asked for, and matplotlib is not installed.
    """
    options = {"--json": arguments.json, "--benchmark-json": arguments.benchmark_json, "--markdown": arguments.markdown}
    asked = {option: Path(place) for option, place in options.items() if place is not None and place != "-"}
    for option, path in asked.items():
        try:
            check_writable(path)
        except FileError as error:
            raise FileError(f"{option}: {error}") from None
    twice = [option for option, path in asked.items() if list(asked.values()).count(path) > 1]
    if twice:
        raise FileError(f"{' and '.join(twice)} name the same file")
    if arguments.json == "-" or arguments.benchmark_json == "-":
        raise FileError("only --markdown prints with -: give --json and --benchmark-json a file")
    if arguments.plots:
        plots.pyplot()
        _check_folder(Path(arguments.plots))


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise FileError(f"--plots wants a folder, and {there if there != folder.absolute() else folder} is a file")
    if not os.access(there, os.W_OK):
        raise FileError(f"--plots: no permission to write in {there}")


class Keeper:
    """Keeps the summary of a run up to date in its file while the run goes on, so that a crash does not lose it.

    Args:
        place: the file; nothing is kept without one.
        text: from what is measured so far to the text of the file.
    """

    def __init__(self, place: str | None, text: Callable[[Sequence[Row]], str]) -> None:
        self._path, self._text = Path(place) if place else None, text
        self._last = time.monotonic()

    def __call__(self, rows: Sequence[Row]) -> None:
        if self._path is None or time.monotonic() - self._last < OFTEN:
            return
        with contextlib.suppress(FileError):  # told at the end, when it is tried once more
            put(self._path, self._text(rows))
        self._last = time.monotonic()


def write(arguments: argparse.Namespace, found: summary.Summary, rows: Sequence[Row]) -> None:
    """Writes what was asked for.

    Args:
        arguments: what was typed.
        found: the summary.
        rows: what was measured now, with all samples.

    Raises:
        FileError: a file cannot be written.
        OSError: a plot cannot be written.
    """
    if arguments.json:
        put(Path(arguments.json), summary.dumps(found))
    if arguments.benchmark_json:
        put(Path(arguments.benchmark_json), pytest_benchmark_json(rows, found["machine"], found["when"]))
    if arguments.markdown == "-":
        print(markdown.full(found), end="")
    elif arguments.markdown:
        put(Path(arguments.markdown), markdown.full(found))
    if arguments.plots:
        made = plots.plot_all(found, Path(arguments.plots))
        print(f"{len(made)} plots in {arguments.plots}", file=sys.stderr)
