"""`nnxspec bisect LAW BACKEND`: since which release of a library a law is violated."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..telling import bad_input
from .matrix import CACHE

if TYPE_CHECKING:
    from ..matrix.columns import Column
    from ..matrix.running import Runs
    from ..report import Report

_EPILOG = """\
examples:
  nnxspec bisect jit.statics-by-value flax                      back from the newest release for this Python
  nnxspec bisect 'pop.*' flax:tree==0.12.12@3.12 --since 0.12.0
  nnxspec bisect merge.leaf-list brainstate --releases 0.5.0,0.5.4

The newest release is searched for an example that violates the law; older ones are tried on that very example, each in
an environment of its own. What is said is said of this example.

exit status: 0 it was found out, 1 the newest release violates none of the laws, 2 bad input.
"""


def add(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "bisect",
        help="since which release of a library a law is violated",
        description="Find the release of a library since which it violates a law.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("law", metavar="LAW", help="a law, a pattern or a term; what is tried is tried for all at once")
    parser.add_argument(
        "backend", metavar="BACKEND", help="a backend, with its newest release as 'nnxspec matrix' takes it"
    )
    parser.add_argument("--since", metavar="RELEASE", help="the oldest release to look at")
    parser.add_argument("--releases", metavar="R,R,...", help="these releases, and not what the package index lists")
    parser.add_argument("--json", metavar="FILE", help="write what was found to a JSON file")
    parser.add_argument(
        "--profile", metavar="P", help="how hard the newest release is searched: quick, default, thorough"
    )
    parser.add_argument("-j", metavar="N", dest="jobs", type=int, help="try N releases at a time (the number of cores)")
    parser.add_argument("--cache", metavar="DIR", default=CACHE, help=f"keep the environments here ({CACHE})")
    parser.add_argument("--installer", choices=("uv", "pip"), help="what installs (uv where it is there, else pip)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Bisects; returns the exit status."""
    from ..choose import laws_matching
    from ..files import FileError, check_writable, put
    from ..matrix.bisection import Bisection, bisect
    from ..matrix.columns import ColumnError, parse
    from ..matrix.environments import CannotInstall, Environments
    from ..matrix.running import Missing, Runs, Voice
    from ..profiles import PROFILES
    from ..report import write

    try:
        laws_matching([arguments.law])
        if arguments.profile not in (None, *PROFILES):
            raise ColumnError(f"unknown profile {arguments.profile!r}: choose {', '.join(PROFILES)}")
        if arguments.jobs is not None and arguments.jobs < 1:
            raise ColumnError(f"-j {arguments.jobs}: at least one release has to run")
        if arguments.json:
            check_writable(Path(arguments.json))
        newest = parse(arguments.backend)
        environments = Environments(Path(arguments.cache).absolute(), arguments.installer)
        releases = _releases(newest, arguments, environments)
        columns = [parse(_text(newest, release)) for release in releases]
        profile = [f"--profile={arguments.profile}"] if arguments.profile else []
        voice = Voice([column.text for column in columns])
        search = Runs(environments, [f"--law={arguments.law}", "--no-deviations", *profile], voice)
        found = search.all(columns[-1:], 1)[0]
        if isinstance(found, Missing):
            return bad_input(f"{found.column}: {found.reason}")
        failing = [record.law for record in found.laws if record.witness is not None]
        if not failing:
            print(f"{columns[-1].text} violates none of these laws: {', '.join(record.law for record in found.laws)}")
            return 1
        with tempfile.TemporaryDirectory(prefix="nnxspec-bisect-") as folder:
            kept = Path(folder, "newest.json")
            write(found, kept)
            replay = Runs(environments, ["--no-deviations", f"--replay={kept}"], voice)
            searches = [Bisection(law, releases) for law in failing]
            bisect(
                searches, lambda chosen: _probe(replay, columns, chosen, failing), arguments.jobs or os.cpu_count() or 1
            )
        if arguments.json:
            put(Path(arguments.json), json.dumps(_as_dict(found, searches), indent=1) + "\n")
    except (ColumnError, FileError, CannotInstall, ValueError) as error:
        return bad_input(str(error))
    width = max(map(len, failing))
    for each in searches:
        print(f"{each.law:<{width}}  {each.told()}")
    return 0


def _text(newest: Column, release: str) -> str:
    """What a user would type for a release: name, pins and Python are those of the newest."""
    name = newest.text.partition("@")[0].partition("+")[0].partition("=")[0].strip()
    pins = "".join(f"+{pin}" for pin in newest.text.partition("@")[0].split("+")[1:])
    return f"{name}=={release}{pins}" + (f"@{newest.python}" if newest.python else "")


def _releases(newest: Column, arguments: argparse.Namespace, environments: Any) -> list[str]:
    """The releases from the oldest to the newest to look at.

    Raises:
        ColumnError: there are not two, or the backend has no releases.
    """
    from packaging.requirements import Requirement

    from ..matrix.bisection import OLDEST, between, ordered, parse_releases
    from ..matrix.columns import LIBRARIES, ColumnError
    from ..matrix.environments import find_python

    distribution = LIBRARIES.get(newest.backend.partition(":")[0])
    if distribution is None:
        raise ColumnError(
            f"{newest.backend} has no releases to look for: name flax, brainstate, equinox, penzai or jax"
        )
    pinned = [next(iter(Requirement(text).specifier), None) for text in newest.requirements[:1]][0]
    until = pinned.version if pinned is not None and pinned.operator == "==" else None
    if arguments.releases:
        listed = ordered(arguments.releases.split(","))
        listed = ordered([*listed, until]) if until else listed
    else:
        python = find_python(newest.python, environments.installer == "uv", environments.run)
        _, heard = environments.run([python, "-m", "pip", "index", "versions", distribution], None)
        listed = parse_releases(heard)
        if not listed:
            raise ColumnError(f"pip does not say which releases of {distribution} there are: name some with --releases")
    found = between(listed, arguments.since or (None if arguments.releases else OLDEST.get(distribution)), until)
    if len(found) < 2:
        raise ColumnError(f"there are not two releases of {distribution} to compare among {', '.join(listed[-12:])}")
    return found


def _probe(
    runs: Runs, columns: Sequence[Column], chosen: Sequence[int], laws: Sequence[str]
) -> list[Mapping[str, str]]:
    """What is seen of each law in some releases."""
    from ..matrix.bisection import HOLDS, VIOLATED
    from ..matrix.running import Missing
    from ..verdicts import HOLDS as HOLDS_THERE
    from ..verdicts import UNSUPPORTED

    seen: list[Mapping[str, str]] = []
    for found in runs.all([columns[i] for i in chosen], len(chosen)):
        if isinstance(found, Missing):
            seen.append(dict.fromkeys(laws, found.reason))
            continue
        by_law = {record.law: record for record in found.laws}
        told: dict[str, str] = {}
        for law in laws:
            record = by_law.get(law)
            if record is None:
                told[law] = "not tried"
            elif record.verdict == HOLDS_THERE:
                told[law] = HOLDS
            elif record.verdict == UNSUPPORTED:
                told[law] = f"does not offer {record.missing}" if record.missing else UNSUPPORTED
            else:
                told[law] = VIOLATED
        seen.append(told)
    return seen


def _as_dict(newest: Report, searches: Sequence[Any]) -> dict[str, Any]:
    digests = {record.law: record.digest for record in newest.laws}
    return {
        "schema": 1,
        "backend": newest.backend,
        "releases": list(searches[0].releases),
        "laws": {
            each.law: {
                "digest": digests[each.law],
                "violated_since": each.releases[each.first],
                "holds_in": each.releases[each.last] if each.last >= 0 else None,
                "seen": {each.releases[i]: each.seen[i] for i in sorted(each.seen)},
            }
            for each in searches
        },
    }
