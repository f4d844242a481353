"""`nnxspec backends`: what can be checked here."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser("backends", help="list the known backends", description="List known backends.")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the backends; returns the exit status."""
    from .. import lookup

    found = [(each.name, text, each.origin) for each, text in lookup.describe()]
    widths = [max(len(row[i]) for row in found) for i in range(2)]
    for name, text, origin in found:
        print(f"{name:<{widths[0]}}  {text:<{min(widths[1], 60)}}  (from {origin})")
    return 0
