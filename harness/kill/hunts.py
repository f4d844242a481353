"""A hunt: one law against one mutant."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import hypothesis

from nnxspec.spec import Backend, Law, LawViolated

from .. import lookup, profiles
from ..binding import Binding
from ..search import Search, replay, search
from ..watch import current_watch

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
    law, start, found = binding.law, time.perf_counter(), Search()
    if mutant.missing(law.uses) is None:
        with current_watch().judging(law):
            found = search(binding, mutant, settings(fault.budget, derandomize=seed is None), seed)
    # Without a witness it was the search that failed, and no example.
    caught = found.witness is not None and found.first <= fault.budget
    verdict = _verdict(found) if caught else ""
    examples = found.first if caught else found.examples
    return Hunt(fault.name, law.id, law.id in fault.laws, seed, verdict, examples, _since(start))


def try_on(fault: Any, mutant: Backend, law: Law, examples: Sequence[Mapping[str, Any]]) -> Hunt:
    """Tries a law on one mutant with given examples.

    Args:
        fault: the mutant's fault.
        mutant: the mutant, loaded.
        law: the law.
        examples: inputs of the law.
    """
    start = time.perf_counter()
    with current_watch().judging(law):
        found = replay(law, mutant, *examples)
    verdict = "" if found.witness is None else _verdict(found)
    return Hunt(fault.name, law.id, law.id in fault.laws, None, verdict, found.examples, _since(start))


def _verdict(found: Search) -> str:
    return VIOLATED if isinstance(found.failure, LawViolated) else ERROR


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)


def by_pair(hunts: Iterable[Hunt]) -> dict[tuple[str, str], list[Hunt]]:
    """The hunts of each mutant by each law."""
    pairs: dict[tuple[str, str], list[Hunt]] = {}
    for one in hunts:
        pairs.setdefault((one.mutant, one.law), []).append(one)
    return pairs
