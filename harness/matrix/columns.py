"""What a user types for one column of a matrix: a backend, its release, what else to install, and a Python."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LIBRARIES: dict[str, str | None] = {
    "flax": "flax",
    "brainstate": "brainstate",
    "equinox": "equinox",
    "penzai": "penzai",
    "jax": "jax",
    "reference": None,
    "mutant": None,
}
"""The distribution that has to be installed for each backend of ours, by the first part of its name."""

OF_THE_TIME: tuple[tuple[str, str, str], ...] = (
    ("flax", "<0.10.3", "jax<0.5"),
    ("flax", "<0.10.5", "jax<0.5.2"),
    ("flax", "<0.10.7", "jax<0.6.1"),
    ("flax", "<0.11", "jax<0.7"),
    ("flax", "<0.12", "jax<0.7.2"),
    ("flax", "<0.12.1", "jax<0.8"),
    ("flax", "<0.12.2", "jax<0.8.2"),
    ("flax", "<0.12.4", "jax<0.9.1"),
    ("flax", "<0.12.7", "jax<0.10"),
    ("flax", "<0.12.9", "jax<0.11"),
    ("brainstate", "<0.6", "jax<0.11"),
)
"""Distribution, its releases, and the jax that stood beside them when they came out; the first line that fits is taken.

Libraries say which jax they need at least and not which is too new, so pip would take the newest. The lines are what
``uv pip compile --exclude-newer`` gives for dates between the releases. It is not asked at each run, because that
needs uv, and an index that tells dates, which mirrors often do not. A requirement on jax that the user adds
(``flax==0.10.7+jax==0.6.0``) replaces the line.
"""

_COLUMN = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*(?::[\w.-]+)?)\s*(?P<version>(?:[=<>!~]=?|===)[^+@]+)?"
    r"(?P<pins>(?:\+[^@]+)?)(?:@(?P<python>[^@]*))?"
)
SYNTAX = "BACKEND[==RELEASE][+REQUIREMENT...][@PYTHON], as in flax:tree==0.12.8+jax==0.10.2@3.12, or a report's .json"


class ColumnError(ValueError):
    """What was typed for a column is none; the message is one line that says what to write."""


@dataclass(frozen=True)
class Column:
    """One column that has to be run.

    Args:
        text: what the user typed.
        backend: the backend, as `nnxspec check` takes it.
        requirements: what pip has to install for it, beside nnxspec's own.
        python: the version of Python (``3.12``); None for the one that runs now.
        own: whether the backend is the user's own module, which is looked for where the command was typed.
    """

    text: str
    backend: str
    requirements: tuple[str, ...]
    python: str | None = None
    own: bool = False


def is_report(text: str) -> bool:
    """Whether a column is a file: one that ends in ``.json``."""
    return Path(text).suffix.lower() == ".json"


def parse(text: str) -> Column:
    """The column that a user typed.

    Raises:
        ColumnError: it is none.
    """
    found = _COLUMN.fullmatch(text.strip())
    if found is None:
        raise ColumnError(f"{text!r} is no column: write {SYNTAX}")
    name, version, python = found["name"], (found["version"] or "").strip(), found["python"]
    if python is not None and not re.fullmatch(r"3\.\d+", python):
        raise ColumnError(f"{text!r}: after @ stands a version of Python, as in @3.12")
    first = name.partition(":")[0]
    own = first not in LIBRARIES
    if own and ":" not in name and "." not in name:
        near = difflib.get_close_matches(name, LIBRARIES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ColumnError(
            f"{text!r}: no backend {name!r}; {hint}known are {', '.join(n for n in LIBRARIES if n != 'mutant')}; "
            "a backend of your own is module:attribute"
        )
    distribution = None if own else LIBRARIES[first]
    if version and distribution is None:
        what = "a module of your own" if own else "a part of nnxspec"
        raise ColumnError(
            f"{text!r}: {name} is {what} and has no releases; other packages come after +, as in +jax==0.10.2"
        )
    wanted = [f"{distribution}{version}"] if distribution else []
    wanted += [part for part in found["pins"].split("+") if part.strip()]
    try:
        parsed = [Requirement(part.strip()) for part in wanted]
    except InvalidRequirement as error:
        raise ColumnError(f"{text!r} is no column ({' '.join(str(error).split())}): write {SYNTAX}") from None
    return Column(text, name, (*map(str, parsed), *_of_the_time(parsed)), python, own)


def _of_the_time(wanted: list[Requirement]) -> list[str]:
    """What goes with releases that are older than the newest jax, unless the user says it."""
    names = {canonicalize_name(each.name) for each in wanted}
    for name, releases, needed in OF_THE_TIME:
        if canonicalize_name(Requirement(needed).name) in names:
            continue
        for each in wanted:
            release = _pinned(each)
            if canonicalize_name(each.name) == name and release is not None and release in SpecifierSet(releases):
                return [needed]
    return []


def _pinned(wanted: Requirement) -> Version | None:
    """The release that a requirement names, if it names one."""
    for one in wanted.specifier:
        if one.operator in ("==", "==="):
            try:
                return Version(one.version.removesuffix(".*"))
            except InvalidVersion:
                return None
    return None
