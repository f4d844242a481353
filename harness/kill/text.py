"""The kill matrix in the terminal."""

from __future__ import annotations

import statistics
from collections import Counter

from .hunts import by_pair
from .matrix import Matrix
from .page import reasons
from .results import SIGNS, as_dict, median, worst


def table(matrix: Matrix) -> str:
    """One line for each law that caught a mutant or had to: median and worst number of examples over seeds."""
    rows = [("mutant", "law", "median", "worst", "")]
    for (mutant, law), each in by_pair(matrix.hunts).items():
        numbers = sorted(one.examples for one in each if one.caught)
        if not numbers and not each[0].named:
            continue
        notes = [] if each[0].named else ["not named"]
        if len(numbers) < len(each):
            notes.append("PASSED" if not numbers else f"passed from {len(each) - len(numbers)} of {len(each)} seeds")
        rows.append((mutant, law, median(numbers), worst(numbers), ", ".join(notes)))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def summary(matrix: Matrix) -> str:
    """Counts, examples to kill, what survives, and laws that kill nothing."""
    named = {pair: each for pair, each in by_pair(matrix.hunts).items() if each[0].named}
    caught = [one for each in named.values() for one in each if one.caught]
    lines = [
        f"{len({mutant for mutant, _ in named})} mutants, {len(named)} times a law that must catch one;"
        f" {len(named) - len(matrix.survivors)} do"
    ]
    if caught:
        most = max(caught, key=lambda one: one.examples)
        lines.append(
            f"examples to kill: median {statistics.median(one.examples for one in caught):g}, worst {most.examples}"
            f" ({most.mutant}, {most.law})"
        )
    if matrix.cap is not None:
        signs = Counter("".join(each["row"] for each in as_dict(matrix)["mutants"].values()))
        counts = ", ".join(f"{signs[sign]:,} {word}" for sign, word in SIGNS.items() if signs[sign])
        lines.append(f"{sum(signs.values()):,} pairs of law and mutant: {counts}")
    why = reasons(matrix.idle)
    for title, names in (
        ("mutants that survive", [f"{mutant} ({law})" for mutant, law in matrix.survivors]),
        ("laws that kill nothing", [f"{law} ({why[law]})" if why[law] else law for law in matrix.idle]),
    ):
        lines.append(f"{title}: {len(names) or 'none'}")
        lines += [f"  {name}" for name in names]
    return "\n".join(lines)
