"""The kill matrix: which law catches which mutant of the reference, and within how many examples."""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis

from nnxspec.spec import Backend, BackendError, Law, LawViolated

from . import lookup, profiles
from .binding import Binding
from .choose import laws_matching
from .cli import bad_input
from .report import ReportError, check_writable
from .search import search
from .verdicts import load_all_bindings

VIOLATED, ERROR = "violated", "error"


@dataclass(frozen=True)
class Hunt:
    """One law against one mutant, from one seed.

    Args:
        mutant: name of the mutant.
        law: id of the law.
        named: whether the mutant says that this law must catch it.
        seed: where the search started; None is the derandomised one.
        verdict: `VIOLATED`, `ERROR` (the mutant raised what no claim speaks of; a run fails on it as well), or empty:
            the law let the mutant pass.
        examples: how many examples it took; of a law that lets the mutant pass, how many were tried.
        seconds: how long.
    """

    mutant: str
    law: str
    named: bool
    seed: int | None
    verdict: str
    examples: int
    seconds: float

    @property
    def caught(self) -> bool:
        """Whether the law caught the mutant."""
        return bool(self.verdict)


def faults() -> Mapping[str, Any]:
    """All faults by name."""
    found: Mapping[str, Any] = importlib.import_module(f"{lookup.GROUP}.mutants").FAULTS
    return found


def load(name: str) -> Backend:
    """A mutant as a backend.

    Raises:
        BackendError: its fault no longer fits the reference.
    """
    mutant: Backend = importlib.import_module(f"{lookup.GROUP}.mutants").load(name)
    return mutant


def settings(budget: int, *, derandomize: bool) -> hypothesis.settings:
    """Examples are drawn and nothing else: the first that fails is all that counts, so it is not made smaller."""
    chosen = profiles.settings_for("default", 1.0, derandomize=derandomize)
    return hypothesis.settings(chosen, max_examples=budget, database=None, phases=[hypothesis.Phase.generate])


def hunt(fault: Any, mutant: Backend, binding: Binding, seed: int | None = None) -> Hunt:
    """Searches with one law for a failure of one mutant.

    Args:
        fault: the mutant's fault, which says how many examples there may be.
        mutant: the mutant, loaded.
        binding: the law and the strategies of its inputs.
        seed: where to start; None derandomises.
    """
    law, start = binding.law, time.perf_counter()
    verdict, examples = "", 0
    if mutant.missing(law.uses) is None:
        found = search(binding, mutant, settings(fault.budget, derandomize=seed is None), seed)
        # Without a witness it was the search that failed, and no example.
        caught = found.witness is not None and found.first <= fault.budget
        if caught:
            verdict = VIOLATED if isinstance(found.failure, LawViolated) else ERROR
        examples = found.first if caught else found.examples
    return Hunt(
        fault.name, law.id, law.id in fault.laws, seed, verdict, examples, round(time.perf_counter() - start, 3)
    )


def matrix(
    chosen: Iterable[Any], laws: Sequence[Law], seeds: Sequence[int | None], *, all_laws: bool
) -> Iterator[Hunt]:
    """Hunts every chosen mutant.

    Args:
        chosen: faults.
        laws: the laws to hunt with.
        seeds: one search from each.
        all_laws: hunt with all of these laws, not only with those that a fault names.
    """
    bindings = load_all_bindings()
    wanted = [law.id for law in laws if law.id in bindings]
    for fault in chosen:
        hunters = [name for name in wanted if all_laws or name in fault.laws]
        mutant = load(fault.name) if hunters else None
        for name in hunters:
            for seed in seeds:
                assert mutant is not None
                yield hunt(fault, mutant, bindings[name], seed)


# ---- what to tell --------------------------------------------------------------------------------------------------


def by_pair(hunts: Iterable[Hunt]) -> dict[tuple[str, str], list[Hunt]]:
    """The hunts of each mutant by each law."""
    pairs: dict[tuple[str, str], list[Hunt]] = {}
    for one in hunts:
        pairs.setdefault((one.mutant, one.law), []).append(one)
    return pairs


def survivors(hunts: Iterable[Hunt]) -> list[tuple[str, str]]:
    """Mutants with a law that must catch them and, from some seed, does not."""
    return [pair for pair, each in by_pair(hunts).items() if each[0].named and not all(one.caught for one in each)]


def idle(hunts: Iterable[Hunt], laws: Iterable[Law]) -> list[str]:
    """The laws that caught nothing."""
    busy = {one.law for one in hunts if one.caught}
    return [law.id for law in laws if law.id not in busy]


def table(hunts: Sequence[Hunt]) -> str:
    """One line for each law that caught a mutant or had to: median and worst number of examples over seeds."""
    rows = [("mutant", "law", "median", "worst", "")]
    for (mutant, law), each in by_pair(hunts).items():
        numbers = sorted(one.examples for one in each if one.caught)
        if not numbers and not each[0].named:
            continue
        notes = [] if each[0].named else ["not named"]
        if len(numbers) < len(each):
            notes.append("PASSED" if not numbers else f"passed from {len(each) - len(numbers)} of {len(each)} seeds")
        median, worst = (f"{statistics.median(numbers):g}", str(numbers[-1])) if numbers else ("-", "-")
        rows.append((mutant, law, median, worst, ", ".join(notes)))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def summary(hunts: Sequence[Hunt], laws: Sequence[Law]) -> str:
    """Counts, examples to kill, what survives, and laws that kill nothing."""
    named = {pair: each for pair, each in by_pair(hunts).items() if each[0].named}
    caught = [one for each in named.values() for one in each if one.caught]
    lines = [
        f"{len({mutant for mutant, _ in named})} mutants, {len(named)} times a law that must catch one;"
        f" {len(named) - len(survivors(hunts))} do"
    ]
    if caught:
        worst = max(caught, key=lambda one: one.examples)
        lines.append(
            f"examples to kill: median {statistics.median(one.examples for one in caught):g}, worst {worst.examples}"
            f" ({worst.mutant}, {worst.law})"
        )
    for title, names in (
        ("mutants that survive", [f"{mutant} ({law})" for mutant, law in survivors(hunts)]),
        ("laws that kill nothing", [_with_reason(law) for law in laws if law.id in idle(hunts, laws)]),
    ):
        lines.append(f"{title}: {len(names) or 'none'}")
        lines += [f"  {name}" for name in names]
    return "\n".join(lines)


def _with_reason(law: Law) -> str:
    missing = lookup.load("reference").missing(law.uses)
    return law.id if missing is None else f"{law.id} (the reference has no {missing})"


def as_dict(hunts: Sequence[Hunt], laws: Sequence[Law], seeds: Sequence[int | None]) -> dict[str, Any]:
    """The matrix as plain JSON values."""
    known = faults()
    mutants: dict[str, Any] = {}
    for (mutant, law), each in by_pair(hunts).items():
        fault = known[mutant]
        entry = mutants.setdefault(
            mutant,
            {
                "wrong": fault.wrong,
                "module": fault.module,
                "source": fault.source,
                "budget": fault.budget,
                "laws": {},
            },
        )
        entry["laws"][law] = {
            "named": each[0].named,
            "caught": [one.verdict or None for one in each],
            "examples": [one.examples for one in each],
            "seconds": round(sum(one.seconds for one in each), 3),
        }
    return {
        "format": "nnxspec-mutants",
        "format_version": 1,
        "seeds": list(seeds),
        "mutants": mutants,
        "survivors": [list(pair) for pair in survivors(hunts)],
        "laws_that_kill_nothing": idle(hunts, laws),
    }


# ---- the command ---------------------------------------------------------------------------------------------------


def mutants(arguments: argparse.Namespace) -> int:
    """Runs ``nnxspec mutants``; returns the exit status."""
    try:
        chosen = mutants_matching(arguments.patterns)
        laws = laws_matching(arguments.law)
        if arguments.seeds < 0:
            raise ValueError(f"the number of seeds is none or more, not {arguments.seeds}")
        if arguments.json is not None:
            check_writable(Path(arguments.json))
        if not arguments.all_laws and arguments.law:
            ids = {law.id for law in laws}
            chosen = [fault for fault in chosen if ids.intersection(fault.laws)]
            if not chosen:
                raise ValueError(f"no chosen mutant names one of these laws ({len(ids)}); try --all-laws")
        elif not arguments.law and arguments.patterns and not arguments.all_laws:
            named = {law for fault in chosen for law in fault.laws}
            laws = [law for law in laws if law.id in named]
        seeds: list[int | None] = list(range(arguments.seeds)) or [None]
        hunts = list(_with_progress(matrix(chosen, laws, seeds, all_laws=arguments.all_laws), chosen))
    except (ValueError, BackendError, ReportError) as error:
        return bad_input(" ".join(str(error).split()))
    print(table(hunts))
    print()
    print(summary(hunts, laws))
    if arguments.json is not None:
        text = json.dumps(as_dict(hunts, laws, seeds), indent=1, ensure_ascii=False) + "\n"
        Path(arguments.json).write_text(text, encoding="utf-8")
    return 1 if survivors(hunts) else 0


def mutants_matching(patterns: Sequence[str]) -> list[Any]:
    """The faults whose name fits a pattern; all without patterns.

    Raises:
        ValueError: a pattern fits none; the message names what is near.
    """
    known = faults()
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            near = [name for name in known if pattern.strip("*-") in name] or difflib.get_close_matches(pattern, known)
            hint = f"near it: {', '.join(near[:4])}" if near else f"there are {len(known)}, {next(iter(known))} is one"
            raise ValueError(f"no mutant matches {pattern!r}; {hint}")
    return [
        fault
        for name, fault in known.items()
        if not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _with_progress(hunts: Iterator[Hunt], chosen: Sequence[Any], tell: Callable[[str], None] | None = None) -> Any:
    """The hunts as they come, with a line on stderr for each mutant that begins and each that gets away."""
    tell = tell or (lambda text: print(text, file=sys.stderr, flush=True))
    number = {fault.name: position for position, fault in enumerate(chosen, 1)}
    present = ""
    for one in hunts:
        if one.mutant != present:
            present = one.mutant
            tell(f"[{number[present]:>{len(str(len(chosen)))}}/{len(chosen)}] {present}")
        if one.named and not one.caught:
            tell(f"    {one.law} lets it pass ({one.examples} examples)")
        yield one
