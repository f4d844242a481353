"""The command `nnxspec`: its command line, of which each module of `commands` has a part."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import nnxspec

from .commands import backends, bench, bisect, check, diff, docs, findings, laws, matrix, mutants, report, reproduce
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
  nnxspec bisect split.round-trip flax             since which release a law is violated
  nnxspec report report.json --html report.html    reports as one page, a table or a badge
  nnxspec docs site/                               the laws as pages to read
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

    for each in (check, laws, reproduce, mutants, bench, matrix, diff, bisect, report, findings, docs, backends):
        each.add(commands)
    return main


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    arguments = parser().parse_args(argv)
    if hasattr(arguments, "prepare"):
        arguments.prepare()
    announce(getattr(arguments, "device", None))
    try:
        status: int = arguments.run(arguments)
        return status
    except BrokenPipeError:  # ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("nnxspec: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
