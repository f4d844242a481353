"""`nnxspec bench`: what operations and transforms cost, for any set of backends side by side."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import Any

_EPILOG = """\
examples:
  nnxspec bench reference flax                         everything: about ten minutes on two cores
  nnxspec bench reference flax --quick                 a first look: seconds for each operation
  nnxspec bench reference flax brainstate equinox penzai jax --quick
  nnxspec bench reference flax --ops 'split*' --ops jit-train --sizes 5,500
  nnxspec bench flax --ops jit --json now.json --compare before.json
  nnxspec bench reference flax --json run.json --markdown run.md --plots plots
  nnxspec bench --read run.json --markdown run.md      tables and plots of a run that has been

All backends run in one process, in turns (A B C A B C), beside a floor: raw jax, or plain Python, on the flat list of
the same leaves. Figures are medians of many rounds, with the garbage collector off. Each result is checked once before
it is timed; what is not there, is wrong or takes too long is not timed, and says why.
A letter behind a name says that its subject, or how it is done, is not that of the others. The file of --json is kept
up to date during the run; after Ctrl-C the same command with --resume FILE measures the rest.
exit status: 0 measured, 1 --compare finds something slower, 2 bad input, 130 interrupted.
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "bench",
        help="what transforms cost: backends side by side, and raw jax beside them",
        description="Measure what the operations and transforms of backends cost.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("backends", metavar="BACKEND", nargs="*", help="names, or module[:attribute] (reference)")
    parser.add_argument("--list", action="store_true", help="list the operations and shapes that can be measured")
    what = parser.add_argument_group("what is measured")
    what.add_argument(
        "--ops",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only operations whose name matches, or one group (graph, streams, transform, jit, stage); repeatable",
    )
    what.add_argument("--sizes", metavar="N,N,...", help="numbers of Variables (5,50,500,5000,50000)")
    what.add_argument("--shapes", metavar="S,S,...", type=lambda text: text.split(","), help="shapes of graphs (all)")
    what.add_argument(
        "--quick", action="store_true", help="small sizes, one shape, few rounds, no stages; other options still count"
    )
    what.add_argument("--rounds", metavar="N", type=int, help="rounds at most (200)")
    what.add_argument("--seconds", metavar="S", type=float, help="time for each contestant in each cell (0.2)")
    what.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="real time (default), or processor time of the process, for a machine that does other things as well",
    )
    what.add_argument("--budget", metavar="TIME", help="begin nothing new after this time (90s, 10m, 1h)")
    what.add_argument(
        "--resume", metavar="FILE", help="measure only what this summary does not have, and keep the rest"
    )
    what.add_argument("--limit", metavar="S", type=float, help="what takes longer for one call is not timed (10)")
    out = parser.add_argument_group("where results go")
    out.add_argument("--json", metavar="FILE", help="write a summary as JSON")
    out.add_argument("--benchmark-json", metavar="FILE", help="write pytest-benchmark's own JSON")
    out.add_argument("--markdown", metavar="FILE", help="write tables as Markdown; - prints them")
    out.add_argument("--plots", metavar="DIR", help="write a plot for each operation (needs matplotlib)")
    out.add_argument("--read", metavar="FILE", help="show this summary, and measure nothing")
    out.add_argument("--compare", metavar="OLD", help="say what got slower since this summary was written")
    out.add_argument("--threshold", metavar="PERCENT", help="by how much more something counts as slower (25%%)")
    parser.set_defaults(run=run, prepare=prepare)


def prepare() -> None:
    """Asks for one device before jax starts: the eight that laws use would only add threads."""
    os.environ.setdefault("JAX_NUM_CPU_DEVICES", "1")


def run(arguments: argparse.Namespace) -> int:
    """Measures; returns the exit status."""
    arguments.typed = " ".join(["nnxspec", *map(_quoted, sys.argv[1:])])
    # By name: the benchmarks stand above the harness, which therefore cannot import them.
    command = importlib.import_module(f"{__name__.partition('.')[0]}.benchmarks.command")
    status: int = command.bench(arguments)
    return status


def _quoted(word: str) -> str:
    """A word of the command line; of files only the name, since a summary is published."""
    word = os.path.basename(word) if os.path.isabs(word) else word
    return f"'{word}'" if set(word) & set("*? []") else word
