"""The kill matrix: which law catches which mutant of the reference, and within how many examples.

The laws that a mutant names are searched, from several seeds if one likes, within the mutant's budget. All the others,
if one asks for them, are tried on examples that lead into the fault, see `reach`: first each of them on one, then those
that let the mutant pass on a second, and so on, so that a run that is stopped has looked everywhere.
"""

from __future__ import annotations

import contextlib
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import nnxspec
from nnxspec.spec import Law

from .hunts import Hunt, by_pair
from .reach import LOOKED, Reach
from .work import Task
from .workers import Crew, Journal, perform, state

CAP = 3
"""How many examples a law that a mutant does not name is tried on."""


@dataclass
class Matrix:
    """What a run saw.

    Args:
        mutants: names of the mutants, in order.
        laws: ids of the laws, in order.
        seeds: where the searches of the named laws started; None is the derandomised one.
        cap: how many examples the other laws were tried on; None if they were not asked for.
        hunts: one for each search, and one for each other law that was tried.
        reach: by law, which examples lead into which mutants; empty if other laws were not asked for.
        about: versions, and the short name of the state of laws and mutants.
        stopped: whether the run was interrupted; what was not done counts as not tried.
    """

    mutants: list[str]
    laws: list[str]
    seeds: list[int | None]
    cap: int | None
    hunts: list[Hunt] = field(default_factory=list)
    reach: dict[str, Reach] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def survivors(self) -> list[tuple[str, str]]:
        """Mutants with a law that must catch them and, from some seed, does not."""
        pairs = by_pair(self.hunts).items()
        return [pair for pair, each in pairs if each[0].named and not all(one.caught for one in each)]

    @property
    def idle(self) -> list[str]:
        """The laws that caught nothing."""
        busy = {one.law for one in self.hunts if one.caught}
        return [law for law in self.laws if law not in busy]


def about() -> dict[str, str]:
    """What may change a verdict."""
    found = {"nnxspec": nnxspec.__version__, "state": state(), "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in ("jax", "jaxlib", "numpy", "hypothesis")}


def run(
    chosen: Sequence[Any],
    laws: Sequence[Law],
    seeds: Sequence[int | None],
    cap: int | None,
    *,
    workers: int | None = None,
    journal: Journal | None = None,
    tell: Callable[[str], None] | None = None,
) -> Matrix:
    """Hunts every chosen mutant.

    Args:
        chosen: faults.
        laws: the laws to hunt with.
        seeds: where the searches of named laws start, one from each; None is the derandomised one.
        cap: on how many examples to try laws that a mutant does not name; None leaves them out.
        workers: how many processes; None does everything in this one.
        journal: what is done already.
        tell: what to do with a line that says how far the run is; it is written to stderr if None.

    Raises:
        BackendError: a mutant no longer fits the reference.
        JournalError: the journal cannot be written.
    """
    found = Matrix([fault.name for fault in chosen], [law.id for law in laws], list(seeds), cap, about=about())
    journal = journal or Journal(None, {})
    tell = tell or (lambda text: print(text, file=sys.stderr, flush=True))
    voice = _Voice(tell, journal, 1 if cap is None else cap + 2)
    with contextlib.nullcontext() if workers is None else Crew(workers) as crew:

        def do(what: str, jobs: Sequence[Sequence[Task]]) -> Iterator[tuple[Task, dict[str, Any]]]:
            jobs = [job for job in jobs if job]
            voice.begins(what, jobs)
            return voice.watched(perform(jobs, journal, crew))

        try:
            _named(found, chosen, do, voice.tell)
            if cap is not None:
                laws_left = {fault.name: [law for law in found.laws if law not in fault.laws] for fault in chosen}
                _others(found, laws_left, cap, do)
        except KeyboardInterrupt:
            found.stopped = True
            voice.tell("stopped: what is not done is 'not tried'")
    return found


Do = Callable[[str, Sequence[Sequence[Task]]], Iterator[tuple[Task, dict[str, Any]]]]


def _named(found: Matrix, chosen: Sequence[Any], do: Do, tell: Callable[[str], None]) -> None:
    """The searches by the laws that mutants name."""
    jobs: list[list[Task]] = [
        [{"mutant": f.name, "law": law, "seed": seed} for law in found.laws if law in f.laws for seed in found.seeds]
        for f in chosen
    ]
    for task, answered in do("mutants, each by the laws that it names", jobs):
        one = Hunt(task["mutant"], task["law"], True, task["seed"], **answered)
        found.hunts.append(one)
        if not one.caught:
            tell(f"    {one.law} lets {one.mutant} pass ({one.examples} examples)")


def _others(found: Matrix, others: Mapping[str, Sequence[str]], cap: int, do: Do) -> None:
    """The other laws of each mutant, on examples that lead into its fault."""
    looks: list[list[Task]] = [[{"reach": law}] for law in found.laws]
    for task, answered in do(f"laws: what their first {LOOKED} examples execute", looks):
        found.reach[task["reach"]] = Reach(task["reach"], **answered)
    hunts: dict[tuple[str, str], Hunt] = {}
    for number in range(cap):
        jobs: list[list[Task]] = [
            [
                {"mutant": mutant, "law": law, "example": example}
                for law in laws
                if not ((mutant, law) in hunts and hunts[mutant, law].caught)
                and (example := nth(found.reach[law].reached.get(mutant, ()), number)) is not None
            ]
            for mutant, laws in others.items()
        ]
        try:
            for task, answered in do(f"mutants, each by the other laws: example {number + 1} of {cap}", jobs):
                pair = (task["mutant"], task["law"])
                before, one = hunts.get(pair), Hunt(*pair, False, None, **answered)
                hunts[pair] = one if before is None else _both(before, one)
        finally:  # a run that is stopped keeps what it has
            found.hunts = [one for one in found.hunts if one.named] + list(hunts.values())


def nth(reaching: Sequence[int], number: int) -> int | None:
    """The example that is tried as number so-and-so, from 0, of those that lead into a fault: at first the last, and
    then the one that lies farthest from those tried, as neighbours are often alike and the first ones small.

    Gives None if there is none left.
    """
    if number >= len(reaching):
        return None
    tried = [reaching[-1]]
    while len(tried) <= number:
        tried.append(max((i for i in reaching if i not in tried), key=lambda i: min(abs(i - one) for one in tried)))
    return tried[number]


def _both(first: Hunt, second: Hunt) -> Hunt:
    return Hunt(
        first.mutant,
        first.law,
        first.named,
        None,
        second.verdict,
        first.examples + second.examples,
        round(first.seconds + second.seconds, 3),
    )


class _Voice:
    """Says how far a run is, and how long the present stage takes yet."""

    def __init__(self, tell: Callable[[str], None], journal: Journal, stages: int) -> None:
        self.tell = tell
        self._journal = journal
        self._stages = stages
        self._stage = 0

    def begins(self, what: str, jobs: Sequence[Sequence[Task]]) -> None:
        """A stage begins."""
        self._stage += 1
        todo = [sum(self._journal.get(task) is None for task in job) for job in jobs]
        self._left = {self._name(job[0]): number for job, number in zip(jobs, todo, strict=True) if number}
        self._jobs, self._tasks = len(jobs), sum(todo)
        self._known = sum(map(len, jobs)) - self._tasks
        known = f" ({self._known} of {self._known + self._tasks} tasks are in the journal)" if self._known else ""
        self.tell(f"{self._stage} of {self._stages}: {len(jobs)} {what}{known}")

    def watched(self, done: Iterator[tuple[Task, dict[str, Any]]]) -> Iterator[tuple[Task, dict[str, Any]]]:
        """What is done, with a line for each job that is; what the journal knows comes first, and takes no time."""
        begin, tasks = time.monotonic(), -self._known
        for task, answered in done:
            yield task, answered
            tasks += 1
            if tasks <= 0:
                begin = time.monotonic()
                continue
            name = self._name(task)
            self._left[name] -= 1
            if not self._left[name]:
                del self._left[name]
                number = f"{self._jobs - len(self._left):>{len(str(self._jobs))}}/{self._jobs}"
                self.tell(f"[{number}] {name}{self._rest(begin, tasks)}")

    def _rest(self, begin: float, tasks: int) -> str:
        seconds = (time.monotonic() - begin) / tasks * (self._tasks - tasks)
        return f" ({_duration(seconds)} left)" if self._tasks > tasks and seconds >= 1 else ""

    @staticmethod
    def _name(task: Task) -> str:
        return str(task.get("mutant") or task["reach"])


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
