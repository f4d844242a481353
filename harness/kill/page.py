"""The kill matrix as a Markdown page."""

from __future__ import annotations

import importlib
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from nnxspec.spec import TERMS
from nnxspec.spec.laws import LAWS

from .. import lookup
from ..pages.markdown import cell
from .hunts import ERROR, VIOLATED, faults
from .results import NAMED, NOT_REACHED, NOT_TRIED, PASSES, UNSUPPORTED, median, numbers, worst

Results = Mapping[str, Any]

SURVIVE, KILL_NOTHING = "Mutants that survive a law that they name", "Laws that kill nothing"

_KILLS = (VIOLATED[0], ERROR[0])


def reasons(laws: Iterable[str]) -> dict[str, str]:
    """Why laws can catch no mutant, as far as it is known: on record, or because the reference lacks something."""
    recorded = importlib.import_module(f"{lookup.GROUP}.mutants").WITHOUT_MUTANT
    reference, uses = lookup.load("reference"), {law.id: law.uses for law in LAWS}
    found = {}
    for law in laws:
        missing = reference.missing(uses.get(law, ()))
        found[law] = recorded.get(law) or (f"the reference has no {missing}" if missing else "")
    return found


def page(results: Results) -> str:
    """The results as a page, compared with the laws and mutants of today."""
    parts = ["# The kill matrix", _head(results), _figures(results), _worst(results), "## Mutants", *_mutants(results)]
    parts += ["## Laws", _laws(results), *_lists(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(results: Results) -> str:
    about, seeds, cap = results["about"], results["seeds"], results["cap"]
    versions = ", ".join(f"{name} {about[name]}" for name in ("python", "jax", "hypothesis") if name in about)
    searched = (
        "from one derandomised search"
        if seeds == [None]
        else f"from {len(seeds)} seeds, {min(seeds)} to {max(seeds)}"
        if len(seeds) > 1
        else f"from the seed {seeds[0]}"
    )
    text = f"""\
Written by `nnxspec mutants`; do not edit. A mutant is the reference implementation with one fault. The laws that it
names must catch it within its budget of examples (100, some 300): searched {searched}.
CI searches too, derandomised, and there none may pass. Versions: {versions}."""
    if cap is not None:
        text += f"""

Every other law was tried on up to {cap} of its first {results["looked"]} examples, such as execute a line that leads
into the fault; up to half of these are the ones that are tried before any is drawn. Where none executes such a line,
the law is *not reached*, and was not tried. So "others" counts laws that catch a mutant early, not all that would."""
        left = sum(each["row"].count(NOT_TRIED) for each in results["mutants"].values())
        if left:
            text += f"""

The run was stopped before its end: {left:,} pairs that are reached were not tried, and the others not on all of their
examples. A `?` stands for a mutant of which no other law was tried, a `+` where some were not."""
    text += f"""

State of laws, strategies, reference and mutants: `{about.get("state", "?")}`. All cells are in `matrix.json`: the
row of a mutant has a sign for each law, in their order."""
    return text


def _figures(results: Results) -> str:
    mutants = results["mutants"].values()
    caught = sorted(n for each in mutants for searches in each["named"].values() for n in numbers(searches))
    pairs = sum(len(each["named"]) for each in mutants)
    signs = Counter("".join(each["row"] for each in mutants))
    rows: list[tuple[str, int | str]] = [
        ("mutants", len(results["mutants"])),
        ("laws", len(results["laws"])),
        ("pairs of a mutant and a law that it names", pairs),
        ("of these: the law lets the mutant pass from some seed", len(results["survivors"])),
        ("examples to kill by a named law: median", median(caught)),
        ("examples to kill by a named law: mean", f"{statistics.fmean(caught):.1f}" if caught else "-"),
        ("examples to kill by a named law: worst", worst(caught)),
    ]
    if results["cap"] is not None:
        tried = sum(signs[sign] for sign in (*_KILLS, PASSES))
        rows += [
            ("other pairs of law and mutant", sum(signs.values()) - signs[NAMED]),
            ("of these: not reached", signs[NOT_REACHED]),
            ("of these: the reference lacks what the law uses", signs[UNSUPPORTED]),
            ("of these: tried", tried),
            ("of these: the law catches the mutant, too", sum(signs[sign] for sign in _KILLS)),
        ]
        if signs[NOT_TRIED]:
            rows.append(("of these: reached and not tried", signs[NOT_TRIED]))
        else:
            kills = [len(each["named"]) + _others(each) for each in mutants]
            rows.append(("laws that catch a mutant, named or not: median", median(kills)))
    return _rows(("", ""), [(name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in rows])


def _worst(results: Results, count: int = 10) -> str:
    found = sorted(
        (
            (numbers(searches)[-1], statistics.median(numbers(searches)), name, law)
            for name, each in results["mutants"].items()
            for law, searches in each["named"].items()
            if numbers(searches)
        ),
        reverse=True,
    )[:count]
    rows = [(name, law, f"{mid:g}", str(most)) for most, mid, name, law in found]
    return "The dearest:\n\n" + _rows(("mutant", "law", "median", "worst"), rows) if rows else ""


def _mutants(results: Results) -> Iterable[str]:
    terms = {name: _term(results, each) for name, each in results["mutants"].items()}
    for slug, title in [*((term.slug, term.name) for term in TERMS), ("", "Of no law that is in this run")]:
        rows = [_mutant(name, each, results) for name, each in results["mutants"].items() if terms[name] == slug]
        if rows:
            head = ("mutant", "what is wrong", "laws that must catch it: examples, median / worst", "others")
            yield f"### {title}"
            yield _rows(head, rows)


def _term(results: Results, mutant: Results) -> str:
    return next((str(results["laws"][law]) for law in mutant["named"]), "")


def _mutant(name: str, mutant: Results, results: Results) -> tuple[str, ...]:
    laws = []
    for law, searches in mutant["named"].items():
        found, lost = numbers(searches), searches["caught"].count(None)
        laws.append(f"{law}: {median(found)} / {worst(found)}" + (f", PASSES {lost} times" if lost else ""))
    others = str(_others(mutant)) if results["cap"] is not None else "?"
    if NOT_TRIED in mutant["row"]:  # the run was stopped: a lower bound, or nothing at all
        others = f"{others}+" if any(sign in mutant["row"] for sign in (*_KILLS, PASSES)) else "?"
    return name, cell(mutant["wrong"]), "<br>".join(laws), others


def _others(mutant: Results) -> int:
    return sum(mutant["row"].count(sign) for sign in _KILLS)


def _laws(results: Results) -> str:
    rows = []
    for index, law in enumerate(results["laws"]):
        named = [each["named"][law] for each in results["mutants"].values() if law in each["named"]]
        found = sorted(n for searches in named for n in numbers(searches))
        column = "".join(each["row"][index] for each in results["mutants"].values())
        others, tried = sum(column.count(s) for s in _KILLS), sum(column.count(s) for s in (*_KILLS, PASSES))
        row = (law, str(len(named)), median(found), worst(found))
        rows.append((*row, str(others), str(tried)) if results["cap"] is not None else row)
    head = ("law", "mutants that name it", "examples: median", "worst", "others that it catches", "of those tried")
    return _rows(head[: len(rows[0])], rows) if rows else ""


def _lists(results: Results) -> Iterable[str]:
    why = reasons(results["laws_that_kill_nothing"])
    young_laws = [law.id for law in LAWS if law.id not in results["laws"]]
    young = [name for name in faults() if name not in results["mutants"]]
    gone = [law for law in results["laws"] if law not in {each.id for each in LAWS}]
    gone += [name for name in results["mutants"] if name not in faults()]
    lists = (
        (SURVIVE, [_survivor(results, mutant, law) for mutant, law in results["survivors"]]),
        (KILL_NOTHING, [f"{law}: {why[law]}" if why[law] else law for law in why]),
        ("Laws younger than this run", young_laws),
        ("Mutants younger than this run", young),
        ("Laws and mutants that are no longer there", gone),
    )
    for title, names in lists:
        if names or title in (SURVIVE, KILL_NOTHING):
            yield f"## {title}"
            yield "\n".join(f"- {name}" for name in names) or "None."


def _survivor(results: Results, mutant: str, law: str) -> str:
    """A mutant that survives a law, from how many seeds, and whether another law that it names catches it there."""
    named = results["mutants"][mutant]["named"]
    lost = [i for i, caught in enumerate(named[law]["caught"]) if not caught]
    others = [searches["caught"] for other, searches in named.items() if other != law]
    saved = [i for i in lost if any(i < len(caught) and caught[i] for caught in others)]
    text = f"{mutant} ({law}), from {len(lost)} of {len(results['seeds'])} seeds"
    return text if not saved else f"{text}; from {len(saved)} of them another law that it names catches it"


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
