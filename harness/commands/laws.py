"""`nnxspec laws`: lists the laws, explains some, and shows what their programs reach."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..telling import bad_input


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "laws", help="list and explain the laws", description="List the laws, or explain some."
    )
    parser.add_argument("patterns", metavar="ID", nargs="*", help="explain these: ids, patterns, or terms")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--markdown", action="store_true", help="as the page spec/LAWS.md")
    form.add_argument(
        "--coverage",
        action="store_true",
        help="which pairs of effect, transform, axis, aliasing and nesting the laws' programs reach",
    )
    parser.add_argument("--profile", metavar="P", default="default", help="with --coverage: quick, default or thorough")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the laws; returns the exit status: 0 printed, 2 bad input."""
    from .. import catalogue
    from ..choose import laws_matching

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
    from .. import coverage, profiles
    from ..verdicts import load_all_bindings

    if profile not in profiles.PROFILES:
        return bad_input(f"unknown profile {profile!r}; known: {', '.join(profiles.PROFILES)}")
    found = [binding for name, binding in load_all_bindings().items() if name in chosen]
    print(coverage.table(coverage.measure(found, profile)))
    return 0
