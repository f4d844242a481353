"""The kill matrix as plain data: what ``nnxspec mutants --json`` writes."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnxspec.spec.laws import LAWS

from ..files import FileError, json_object
from .hunts import ERROR, VIOLATED, Hunt, by_pair, faults
from .matrix import Matrix
from .reach import LOOKED, Reach

SCHEMA = 1
"""Version of the form; raised when a reader of the old form would misread the new one."""

NAMED, UNSUPPORTED, NOT_REACHED, NOT_TRIED, PASSES = "n", "u", ".", "?", "-"
SIGNS = {
    NAMED: "named",
    UNSUPPORTED: "unsupported",
    NOT_REACHED: "not reached",
    NOT_TRIED: "not tried",
    PASSES: "passes",
}
SIGNS |= {VIOLATED[0]: VIOLATED, ERROR[0]: ERROR}
"""What stands for a law in the row of a mutant.

*named*: the mutant says that the law must catch it, and the searches are told one by one; *unsupported*: the reference
lacks what the law uses; *not reached*: no example leads into the fault; *passes*: none of those that were tried fails.
"""


def as_dict(matrix: Matrix) -> dict[str, Any]:
    """The matrix as plain JSON values."""
    known, pairs = faults(), by_pair(matrix.hunts)
    terms = {law.id: law.term.slug for law in LAWS}
    return {
        "schema": SCHEMA,
        "about": matrix.about,
        "seeds": list(matrix.seeds),
        "cap": matrix.cap,
        "looked": LOOKED,
        "seconds": round(sum(one.seconds for one in matrix.hunts) + sum(_cost(one) for one in matrix.reach.values())),
        "signs": SIGNS,
        "laws": {law: terms[law] for law in matrix.laws},
        "mutants": {
            name: {
                "wrong": known[name].wrong,
                "module": known[name].module,
                "source": known[name].source,
                "budget": known[name].budget,
                "named": {
                    law: {
                        "caught": [one.verdict or None for one in pairs[name, law]],
                        "examples": [one.examples for one in pairs[name, law]],
                    }
                    for law in known[name].laws
                    if (name, law) in pairs
                },
                "row": "".join(_sign(matrix, pairs.get((name, law)), name, law) for law in matrix.laws),
            }
            for name in matrix.mutants
        },
        "survivors": [list(pair) for pair in matrix.survivors],
        "laws_that_kill_nothing": matrix.idle,
    }


def _cost(one: Reach) -> float:
    return one.seconds * one.looked


def _sign(matrix: Matrix, hunts: list[Hunt] | None, mutant: str, law: str) -> str:
    if hunts is not None:
        return NAMED if hunts[0].named else (hunts[0].verdict[:1] or PASSES)
    if law not in matrix.reach:
        return NOT_TRIED
    found = matrix.reach[law]
    return UNSUPPORTED if found.unsupported else NOT_TRIED if mutant in found.reached else NOT_REACHED


def compact(results: Mapping[str, Any]) -> str:
    """The text of the file: a line for each mutant and each list, so that a change of one shows as one line."""
    lines = []
    for name, value in results.items():
        if name in ("laws", "mutants"):
            rows = ",\n".join(f"  {_text(key)}: {_text(item)}" for key, item in value.items())
            lines.append(f" {_text(name)}: {{\n{rows}\n }}")
        else:
            lines.append(f" {_text(name)}: {_text(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(path: Path) -> dict[str, Any]:
    """The results in a file.

    Raises:
        FileError: they cannot be read.
    """
    hint = "'nnxspec mutants --json FILE' writes them"
    found = json_object(path, "file of results", hint)
    if not {"mutants", "laws", "seeds"} <= set(found):
        raise FileError(f"{path} has no results; {hint}")
    if found["schema"] != SCHEMA:
        raise FileError(f"{path} has the schema {found['schema']!r}, and this nnxspec reads {SCHEMA}: write it anew")
    return found


def numbers(searches: Mapping[str, Any]) -> list[int]:
    """How many examples it took to catch a mutant, for each search that did, in order."""
    return sorted(n for n, caught in zip(searches["examples"], searches["caught"], strict=True) if caught)


def median(values: list[int]) -> str:
    """The median as text; a dash if there is none."""
    return f"{statistics.median(values):g}" if values else "-"


def worst(values: list[int]) -> str:
    """The largest as text; a dash if there is none."""
    return str(max(values)) if values else "-"
