"""The command `nnxspec`: check a backend, explain the laws, list the backends."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

import nnxspec

from .commands import bench, bisect, diff, docs, findings, matrix, report
from .devices import announce

_EPILOG = """\
examples:
  nnxspec check flax                               all laws on flax.nnx, with the default profile
  nnxspec check flax --law 'split.*' --law merge   some of them: by pattern, or by term
  nnxspec check my_library.adapter:load -n 2 --profile thorough --report report.json
  nnxspec laws split.round-trip                    what a law says and why
  nnxspec laws --coverage                          what the programs under transforms reach
  nnxspec reproduce pop.complete --out pop.py      the script that shows a known violation
  nnxspec mutants 'pop-*'                          which laws catch which broken copies of the reference
  nnxspec matrix flax==0.12.8 flax==0.12.12@3.12 reference --html matrix.html
  nnxspec diff flax==0.12.8 flax==0.12.12@3.12     what an upgrade changes
  nnxspec bench reference flax --quick             what operations and transforms cost, side by side
  nnxspec backends                                 what can be checked here

A backend is a name that 'nnxspec backends' lists, or module[:attribute]: a Backend, a function that returns one, or any
namespace with NNX's public names. exit status: 0 every law holds, is not supported or fails as known; 1 some
law fails, 2 bad input.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    raw = argparse.RawDescriptionHelpFormatter
    main = argparse.ArgumentParser(
        "nnxspec",
        description="Check implementations of the NNX object model against its laws.",
        epilog=_EPILOG,
        formatter_class=raw,
    )
    main.add_argument("--version", action="version", version=f"nnxspec {nnxspec.__version__}")
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        help="run the laws on a backend",
        description="Run the laws on a backend; ends with a table of terms and verdicts, and the laws that fail.",
    )
    check.add_argument("backend", metavar="BACKEND", help="a name (see 'nnxspec backends') or module[:attribute]")
    check.add_argument("--device", metavar="D", help="cpu (default), gpu, tpu, ...")
    check.add_argument("--profile", metavar="P", help="how many examples for each law: quick, default or thorough")
    check.add_argument(
        "--law",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only laws whose id or term matches; repeatable",
    )
    check.add_argument("-n", metavar="N", dest="workers", help="run in N processes, or 'auto'")
    check.add_argument("--report", metavar="FILE", help="write all verdicts to a JSON file")
    check.add_argument("--scripts", metavar="DIR", help="write a stand-alone script for every law that fails")
    check.add_argument("--seed", metavar="N", type=int, help="where the search starts")
    check.add_argument("--derandomize", action="store_true", help="try the same examples in every run")
    check.add_argument(
        "--example",
        metavar="JSON",
        help="try one law (--law ID) on this example: JSON, or @FILE; no search",
    )
    check.add_argument(
        "--deviations",
        metavar="FILE",
        action="append",
        default=[],
        help="TOML file of known violations, which do not make the run fail; repeatable",
    )
    check.add_argument(
        "--no-deviations", action="store_true", help="without the known violations that nnxspec has on record"
    )
    check.add_argument(
        "--update-deviations", metavar="FILE", help="append an entry to the file for every new violation of the run"
    )
    check.add_argument(
        "--timeout", metavar="SECONDS", help="how long one example may take (300; 0: as long as it likes)"
    )
    check.add_argument(
        "--budget", metavar="TIME", help="spend this time (90s, 10m, 2h), on the laws not proved for longest first"
    )
    check.add_argument(
        "--replay",
        metavar="REPORT|DIGEST",
        help="try what failed in a report, or one failure by its digest, again; no search",
    )
    check.add_argument(
        "--database", metavar="DIR|URL", help="keep failing examples here, or at redis://HOST, for other machines too"
    )
    check.add_argument("--brief", action="store_true", help="only the table and one line for each law that fails")

    laws = commands.add_parser("laws", help="list and explain the laws", description="List the laws, or explain some.")
    laws.add_argument("patterns", metavar="ID", nargs="*", help="explain these: ids, patterns, or terms")
    form = laws.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as the page spec/LAWS.md")
    form.add_argument(
        "--coverage",
        action="store_true",
        help="which pairs of effect, transform, axis, aliasing and nesting the laws' programs reach",
    )
    laws.add_argument("--profile", metavar="P", default="default", help="with --coverage: quick, default or thorough")

    again = commands.add_parser(
        "reproduce",
        help="write the stand-alone script of a violation",
        description="Write stand-alone scripts: in the backend's own API, failing as long as it violates the law.",
    )
    again.add_argument(
        "what",
        metavar="LAW|REPORT|DIGEST",
        help="a law (or pattern) with known violations, a report, or the short name of a witness in a failure message",
    )
    again.add_argument("--backend", metavar="B", help="the backend that the script is for (default: where it was seen)")
    again.add_argument("--out", metavar="PATH", help="the script's file, or a folder for several (default: printed)")
    again.add_argument(
        "--deviations", metavar="FILE", action="append", default=[], help="further known violations; repeatable"
    )

    kill = commands.add_parser(
        "mutants",
        help="see that the laws can fail: which law catches which broken copy of the reference",
        description="Run laws on mutants, copies of the reference with one fault each: which law catches which?",
    )
    kill.add_argument("patterns", metavar="PATTERN", nargs="*", help="only mutants whose name matches")
    kill.add_argument(
        "--law", metavar="PATTERN", action="append", default=[], help="only laws whose id or term matches; repeatable"
    )
    kill.add_argument("--all-laws", action="store_true", help="try every law, not only those that a mutant names")
    kill.add_argument(
        "--seeds", metavar="N", type=int, default=0, help="search from N seeds each (default: one derandomised search)"
    )
    kill.add_argument("--json", metavar="FILE", help="write the matrix to a JSON file")

    for each in (bench, matrix, diff, bisect, report, findings, docs):
        each.add(commands)
    commands.add_parser("backends", help="list the known backends", description="List known backends.")
    return main


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    arguments = parser().parse_args(argv)
    if hasattr(arguments, "prepare"):
        arguments.prepare()
    announce(getattr(arguments, "device", None))
    try:
        if arguments.command == "check":
            from .check import check

            return check(arguments)
        if arguments.command == "reproduce":
            from .reproduce import reproduce

            return reproduce(arguments)
        if arguments.command == "mutants":
            from .kill import mutants

            return mutants(arguments)
        if hasattr(arguments, "run"):
            status: int = arguments.run(arguments)
            return status
        return _laws(arguments) if arguments.command == "laws" else _backends()
    except BrokenPipeError:  # ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("nnxspec: interrupted", file=sys.stderr)
        return 130


def _laws(arguments: argparse.Namespace) -> int:
    from . import catalogue
    from .choose import laws_matching

    try:
        chosen = laws_matching(arguments.patterns)
    except ValueError as error:
        return bad_input(str(error))
    if arguments.coverage:
        return _coverage(arguments.profile, {law.id for law in chosen})
    if arguments.json:
        print(json.dumps([catalogue.as_dict(law) for law in chosen], indent=1, ensure_ascii=False))
    elif arguments.markdown:
        print(catalogue.markdown(chosen), end="")
    elif arguments.patterns:
        print("\n\n\n".join(catalogue.explain(law) for law in chosen))
    else:
        print(catalogue.overview(chosen))
    return 0


def _coverage(profile: str, chosen: set[str]) -> int:
    from . import coverage, profiles
    from .verdicts import load_all_bindings

    if profile not in profiles.PROFILES:
        return bad_input(f"unknown profile {profile!r}; known: {', '.join(profiles.PROFILES)}")
    found = [binding for name, binding in load_all_bindings().items() if name in chosen]
    print(coverage.table(coverage.measure(found, profile)))
    return 0


def _backends() -> int:
    from . import lookup

    found = [(each.name, text, each.origin) for each, text in lookup.describe()]
    widths = [max(len(row[i]) for row in found) for i in range(2)]
    for name, text, origin in found:
        print(f"{name:<{widths[0]}}  {text:<{min(widths[1], 60)}}  (from {origin})")
    return 0


def bad_input(text: str) -> int:
    """Tells the user in one line what is wrong, and returns the exit status for it."""
    print(f"nnxspec: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
