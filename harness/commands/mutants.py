"""`nnxspec mutants`: which law catches which broken copy of the reference."""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..telling import bad_input

_EPILOG = """\
examples:
  nnxspec mutants 'pop-*'                          the laws that each of these names, and after how many examples
  nnxspec mutants pop-leaves-aliases --all-laws    which others catch it, too
  nnxspec mutants --seeds 5 -n 2                   how many examples it takes from five seeds: median and worst
  nnxspec mutants --all-laws --seeds 5 -n 2 --resume run.jsonl --json matrix.json --markdown matrix.md
  nnxspec mutants --read matrix.json --markdown -  the page of a run that is over

A law that a mutant names is searched within the mutant's budget. With --all-laws the others are tried on the examples
that execute a line which leads into the fault; where none of them does, the law cannot see it and is not tried.
^C ends a run early: what is done is shown and written, the rest is 'not tried'; --resume goes on later.
exit status: 0 every law catches the mutants that name it, 1 some mutant survives, 2 bad input.
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "mutants",
        help="see that the laws can fail: which law catches which broken copy of the reference",
        description="Run laws on mutants, copies of the reference with one fault each: which law catches which?",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("patterns", metavar="PATTERN", nargs="*", help="only mutants whose name matches")
    parser.add_argument(
        "--law", metavar="PATTERN", action="append", default=[], help="only laws whose id or term matches; repeatable"
    )
    parser.add_argument("--all-laws", action="store_true", help="try every law, not only those that a mutant names")
    parser.add_argument(
        "--seeds", metavar="N", type=int, default=0, help="search from N seeds each (default: one derandomised search)"
    )
    parser.add_argument(
        "--examples", metavar="N", type=int, help="with --all-laws: examples for a law that a mutant does not name (3)"
    )
    parser.add_argument(
        "-n", metavar="N", type=int, dest="workers", help="run in N processes; one that hangs or dies is replaced"
    )
    parser.add_argument("--resume", metavar="FILE", help="note there what is done, and go on with what is not")
    parser.add_argument("--json", metavar="FILE", help="write the matrix to a JSON file; - prints it")
    parser.add_argument("--markdown", metavar="FILE", help="write the matrix as a page; - prints it")
    parser.add_argument("--read", metavar="FILE", help="show the results in a JSON file; nothing is run")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs or shows the matrix; returns the exit status."""
    from nnxspec.spec import BackendError

    from ..choose import laws_matching
    from ..files import FileError
    from ..kill import CAP
    from ..kill.matrix import about
    from ..kill.matrix import run as hunted
    from ..kill.results import as_dict, read
    from ..kill.text import summary, table
    from ..kill.workers import Journal
    from .outputs import check_outputs

    try:
        _checked(arguments)
        check_outputs(arguments)
        if arguments.read is not None:
            results = read(Path(arguments.read))
            _write(arguments, results)
            return int(bool(results["survivors"]))
        chosen, laws = mutants_matching(arguments.patterns), laws_matching(arguments.law)
        if not arguments.all_laws and arguments.law:
            ids = {law.id for law in laws}
            chosen = [fault for fault in chosen if ids.intersection(fault.laws)]
            if not chosen:
                raise ValueError(f"no chosen mutant names one of these laws ({len(ids)}); try --all-laws")
        elif not arguments.law and arguments.patterns and not arguments.all_laws:
            named = {law for fault in chosen for law in fault.laws}
            laws = [law for law in laws if law.id in named]
        seeds: list[int | None] = list(range(arguments.seeds)) or [None]
        cap = (arguments.examples or CAP) if arguments.all_laws else None
        journal = Journal(Path(arguments.resume), about()) if arguments.resume else None
        matrix = hunted(chosen, laws, seeds, cap, workers=arguments.workers, journal=journal)
        _write(arguments, as_dict(matrix))
    except (ValueError, BackendError, FileError) as error:
        return bad_input(" ".join(str(error).split()))
    if "-" not in (arguments.json, arguments.markdown):
        print(f"{table(matrix)}\n\n{summary(matrix)}")
    return 130 if matrix.stopped else int(bool(matrix.survivors))


def _checked(arguments: argparse.Namespace) -> None:
    """Refuses what cannot be meant.

    Raises:
        ValueError: something is; the message is one line.
    """
    if arguments.seeds < 0:
        raise ValueError(f"the number of seeds is none or more, not {arguments.seeds}")
    if arguments.workers is not None and arguments.workers < 1:
        raise ValueError(f"-n {arguments.workers}: at least one process has to run")
    if arguments.examples is not None and arguments.examples < 1:
        raise ValueError(f"--examples {arguments.examples}: at least one has to be tried")
    if arguments.examples is not None and not arguments.all_laws:
        raise ValueError("--examples is for laws that a mutant does not name: it needs --all-laws")
    if arguments.json == arguments.markdown == "-":
        raise ValueError("--json - and --markdown - would print into each other: name a file for one")
    if arguments.read is not None:
        if arguments.json is None and arguments.markdown is None:
            raise ValueError("--read needs --markdown FILE or --json FILE, or - to print")
        if arguments.patterns or arguments.law or arguments.all_laws or arguments.seeds or arguments.resume:
            raise ValueError("--read shows a run that is over: leave out what chooses mutants, laws and seeds")


def _write(arguments: argparse.Namespace, results: dict[str, Any]) -> None:
    """Writes what the options ask for.

    Raises:
        FileError: the file system refuses.
    """
    from ..files import put
    from ..kill.page import page
    from ..kill.results import compact

    for place, make in ((arguments.json, compact), (arguments.markdown, page)):
        if place == "-":
            sys.stdout.write(make(results))
        elif place is not None:
            put(Path(place), make(results))


def mutants_matching(patterns: Sequence[str]) -> list[Any]:
    """The faults whose name fits a pattern; all without patterns.

    Raises:
        ValueError: a pattern fits none; the message names what is near.
    """
    from ..kill.hunts import faults

    known = faults()
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            near = [name for name in known if pattern.strip("*-") in name] or difflib.get_close_matches(pattern, known)
            hint = f"near it: {', '.join(near[:4])}" if near else f"there are {len(known)}, {next(iter(known))} is one"
            raise ValueError(f"no mutant matches {pattern!r}; {hint}")
    return [
        fault
        for name, fault in known.items()
        if not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    ]
