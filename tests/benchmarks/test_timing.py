"""Timing: turns, what lies inside of the clock, the garbage collector, stages."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import pytest

from nnxspec.benchmarks.stages import StageClock, stage_clocks
from nnxspec.benchmarks.timing import Effort, Series, Timed, TooSlow, interleaved, one_computed, ready, sample

_ONCE = Effort(seconds=0.0, fewest=4, most=4)


def test_contestants_take_turns() -> None:
    order: list[str] = []
    contestants = {
        name: (Timed(lambda name=name: order.append(name), lambda _: None, before=lambda: None), 1e-3) for name in "ABC"
    }
    found = interleaved(contestants, _ONCE, {"wall": time.perf_counter})
    assert "".join(order) == "ABCABCABCABC"
    assert all(len(series.samples["wall"]) == 4 for series in found.values())


def test_short_calls_are_sampled_many_at_a_time() -> None:
    found = interleaved({"A": (Timed(lambda: None, lambda _: None), 1e-7)}, _ONCE, {"wall": time.perf_counter})
    assert found["A"].calls == 2000
    assert 0 < found["A"].figures("wall")["us"] < 50


def test_what_is_done_before_and_after_is_not_timed() -> None:
    now = [0.0]

    def spend(seconds: float) -> None:
        now[0] += seconds

    timed = Timed(lambda: spend(1), lambda _: None, before=lambda: spend(10), after=lambda: spend(100))
    assert sample(timed, 1, {"fake": lambda: now[0]}) == {"fake": 1.0}
    assert now[0] == 111


def test_a_context_is_in_force_and_not_timed() -> None:
    now, inside = [0.0], [False]

    @contextlib.contextmanager
    def around() -> Iterator[None]:
        now[0] += 5
        inside[0] = True
        yield
        inside[0] = False
        now[0] += 5

    timed = Timed(lambda: inside[0], lambda result: None, around=around)
    assert sample(timed, 3, {"fake": lambda: now[0]}) == {"fake": 0.0}
    seen: list[bool] = []
    ready(Timed(lambda: inside[0], seen.append, around=around), limit=1)
    assert seen == [True] and not inside[0]


def test_a_result_is_checked_once() -> None:
    checked: list[int] = []
    ready(Timed(lambda: 7, checked.append), limit=1)
    assert checked == [7]
    with pytest.raises(AssertionError, match="wrong"):
        ready(Timed(lambda: 7, lambda _: (_ for _ in ()).throw(AssertionError("wrong"))), limit=1)


def test_what_takes_too_long_is_refused() -> None:
    with pytest.raises(TooSlow, match="one call takes 0 s, more than the limit of 0.01 s"):
        ready(Timed(lambda: time.sleep(0.06), lambda _: None), limit=0.01)
    # A first call that compiles may take longer than the calls after it.
    calls = iter([0.03, 0.0, 0.0])
    assert ready(Timed(lambda: time.sleep(next(calls)), lambda _: None), limit=0.02) < 0.02


def test_the_collector_stands_still_and_runs_again() -> None:
    seen: list[tuple[bool, int]] = []
    timed = Timed(lambda: seen.append((gc.isenabled(), gc.get_freeze_count())), lambda _: None, before=lambda: None)
    interleaved({"A": (timed, 1e-3)}, _ONCE, {"wall": time.perf_counter})
    assert all(not enabled and frozen > 1000 for enabled, frozen in seen)
    assert gc.isenabled() and gc.get_freeze_count() == 0


def test_what_is_computed_is_waited_for_inside_of_the_clock() -> None:
    now, waited = [0.0], []

    def wait(result: int) -> None:
        waited.append(result)
        now[0] += 3

    spent = sample(Timed(lambda: 7, lambda _: None, wait=wait), 3, {"fake": lambda: now[0]})
    assert spent == {"fake": 1.0} and waited == [7]  # once in a sample
    one_computed({"a": [jnp.ones(2)], "b": object()})
    one_computed(None)
    one_computed(())


def test_figures() -> None:
    figures = Series(3, {"wall": [4e-6, 1e-6, 2e-6, 3e-6, 5e-6]}).figures("wall")
    assert figures == {"us": 3.0, "low": 2.0, "high": 4.0, "least": 1.0, "rounds": 5, "calls": 3}


def test_nested_stages_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, now = StageClock(), [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    for end, seconds in [(2.0, 1.0), (4.0, 1.0), (5.0, 4.5), (8.0, 2.0)]:  # the third has the first two inside
        now[0] = end
        clock.spent(seconds)
    assert clock() == pytest.approx(6.5)


def test_stages_of_a_first_call() -> None:
    compiled = [jax.jit(lambda x: jnp.sin(x) * 3)]
    x = jnp.ones(3)

    def before() -> None:
        compiled[0] = jax.jit(lambda x: jnp.sin(x) * 3)

    spent = sample(Timed(lambda: compiled[0](x), lambda _: None, before=before), 1, stage_clocks())
    assert all(seconds > 0 for seconds in spent.values())
    assert spent["trace"] + spent["lower"] + spent["compile"] < spent["first"]
    again = sample(Timed(lambda: compiled[0](x), lambda _: None), 1, stage_clocks())
    assert again["compile"] == again["trace"] == 0
