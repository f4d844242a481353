"""Timing: contestants in turns, many rounds, medians; the garbage collector stands still meanwhile.

The rounds of all contestants are interleaved (A B C A B C), so that whatever slows the machine down hits all alike. One
round of a contestant is one sample: as many calls as take `SAMPLE` seconds at least, divided by their number; what jax
computes in the background is waited for inside of the sample. Before the rounds everything that lives is frozen
(``gc.freeze``) and the collector is switched off; after each round, where no clock runs, it collects what the calls
left, so that a library that leaves cycles behind is not charged for fresh memory either.
"""

from __future__ import annotations

import contextlib
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax

Clock = Callable[[], float]
"""Gives seconds; only differences mean something."""

GC = "gc.freeze() and gc.disable() while clocks run, gc.collect() between rounds"
"""What is done about the garbage collector, for reports."""
SAMPLE = 200e-6
"""The least number of seconds that a sample of several calls takes."""
_MOST_CALLS = 2_000
_LONG, _FEW = 1.0, 3
"""A round of more than so many seconds is done only so many times."""


class TooSlow(Exception):
    """One call takes longer than is allowed; the message says how long."""


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Args:
        seconds: for one contestant in one cell, all rounds together; a cell may take less, and the fewest rounds more.
        fewest: rounds at least.
        most: rounds at most.
        limit: seconds that one call may take; what takes longer is not measured, and says so.
    """

    seconds: float = 0.2
    fewest: int = 5
    most: int = 200
    limit: float = 10.0


def nothing_computed(result: Any) -> None:
    """The `Timed.wait` of what computes nothing."""


def all_computed(result: Any) -> None:
    """The `Timed.wait` of what computes array by array."""
    jax.block_until_ready(result)  # type: ignore[no-untyped-call]  # jax does not say


def one_computed(result: Any) -> None:
    """The `Timed.wait` of compiled functions: all their arrays are there when one is, and one is found at once."""
    while isinstance(result, list | tuple | Mapping) and result:
        result = next(iter(result.values() if isinstance(result, Mapping) else result))
    jax.block_until_ready(result)  # type: ignore[no-untyped-call]  # as above


@dataclass
class Timed:
    """Something to be timed.

    Args:
        run: the call.
        check: raises `AssertionError` where the result of a call is wrong; it is called once, before any timing.
        before: what has to be done before each call, outside of the clock; one call a sample then.
        after: what has to be done after each call, likewise; after the check of the first one.
        wait: waits for what jax still computes of a result, inside of the clock; what computes nothing does not wait,
            since finding the arrays in a result costs as much as many an operation.
        around: gives a context in which all of this is done, entered outside of the clock: the mode of a backend.
        notes: what is not as it is for others, in words: the subject, or how it is done.
    """

    run: Callable[[], Any]
    check: Callable[[Any], None]
    before: Callable[[], Any] | None = None
    after: Callable[[], Any] | None = None
    wait: Callable[[Any], Any] = nothing_computed
    around: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
    notes: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether a sample is one call."""
        return self.before is not None or self.after is not None


@dataclass
class Series:
    """The samples of one contestant.

    Args:
        calls: how many calls a sample has.
        samples: by clock, seconds for one call.
    """

    calls: int
    samples: dict[str, list[float]] = field(default_factory=dict)

    def figures(self, clock: str) -> dict[str, float | int]:
        """Median, quartiles and least of the samples in microseconds, and how many there are."""
        us = sorted(1e6 * s for s in self.samples[clock])
        low, _, high = statistics.quantiles(us, n=4, method="inclusive") if len(us) > 1 else (us[0],) * 3
        found = {"us": statistics.median(us), "low": low, "high": high, "least": us[0]}
        return {name: float(f"{value:.5g}") for name, value in found.items()} | {"rounds": len(us), "calls": self.calls}


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Keeps the garbage collector from running, and from looking at what lives now."""
    gc.collect()
    gc.freeze()
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was:
            gc.enable()


def sample(timed: Timed, calls: int, clocks: Mapping[str, Clock]) -> dict[str, float]:
    """Seconds for one call by each clock."""
    run, result = timed.run, None
    with timed.around():
        if timed.before is not None:
            timed.before()
        start = {name: clock() for name, clock in clocks.items()}
        for _ in range(calls):
            result = run()
        timed.wait(result)
        spent = {name: (clock() - start[name]) / calls for name, clock in clocks.items()}
        if timed.after is not None:
            timed.after()
    return spent


def ready(timed: Timed, limit: float) -> float:
    """Checks a result once, warms up, and gives the seconds that a call takes about.

    Raises:
        AssertionError: the result is wrong.
        TooSlow: a call takes longer than `limit` seconds.
    """
    wall = {"wall": time.perf_counter}
    with timed.around():
        if timed.before is not None:
            timed.before()
        started = time.perf_counter()
        result = timed.run()
        timed.wait(result)
        taken = time.perf_counter() - started
        timed.check(result)
        del result
        if timed.after is not None:
            timed.after()
    # The first call of what compiles takes long, the next ones need not; where each call starts afresh it tells all.
    if taken > limit * (1 if timed.before is not None else 5):
        raise TooSlow(f"one call takes {taken:.0f} s, more than the limit of {limit:g} s")
    if timed.before is None or taken < limit / 5:
        taken = min(sample(timed, 1, wall)["wall"] for _ in range(2))
    if taken > limit:
        raise TooSlow(f"one call takes {taken:.0f} s, more than the limit of {limit:g} s")
    return taken


def interleaved(
    contestants: Mapping[str, tuple[Timed, float]], effort: Effort, clocks: Mapping[str, Clock]
) -> dict[str, Series]:
    """Rounds of all contestants in turns.

    Args:
        contestants: by name, what is timed, and the seconds that a call takes about (`ready`).
        effort: how much.
        clocks: what is read.
    """
    found: dict[str, Series] = {}
    for name, (timed, taken) in contestants.items():
        calls = 1 if timed.alone else max(1, min(_MOST_CALLS, math.ceil(SAMPLE / max(taken, 1e-8))))
        found[name] = Series(calls, {clock: [] for clock in clocks})
    few = _FEW if sum(taken for _, taken in contestants.values()) > _LONG else effort.fewest
    with collector_off():
        end = time.perf_counter() + effort.seconds * len(contestants)
        for number in range(effort.most):
            for name, (timed, _) in contestants.items():
                series = found[name]
                for clock, seconds in sample(timed, series.calls, clocks).items():
                    series.samples[clock].append(seconds)
            if number + 1 >= min(few, effort.fewest) and time.perf_counter() > end:
                break
            gc.collect()
    return found
