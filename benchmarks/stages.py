"""Clocks of the stages of compilation, which run only while jax is in that stage.

jax tells how long it traced, lowered and compiled (`jax.monitoring`), for itself and for every library on top of it
alike. So one first call of a fresh function gives all stages, with whatever the library does inside of them, and the
four figures belong together: the first call is tracing, lowering, compiling, and the rest, which is the library's own
preparation and the run.
"""

from __future__ import annotations

import functools
import time
from typing import Any

import jax

from .timing import Clock

_EVENTS = {
    "/jax/core/compile/jaxpr_trace_duration": "trace",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower",
    "/jax/core/compile/backend_compile_duration": "compile",
}
STAGES = ("trace", "lower", "compile", "first")
"""The stages that are timed; ``first`` is the whole first call."""


class StageClock:
    """Sums up the time in one stage; what is nested (jit inside of jit) counts once."""

    def __init__(self) -> None:
        self.total = 0.0
        self._spans: list[tuple[float, float]] = []

    def __call__(self) -> float:
        return self.total

    def spent(self, seconds: float) -> None:
        """A stage ends now that took so many seconds; those inside of it have ended before."""
        end = time.perf_counter()
        start = end - seconds
        while self._spans and self._spans[-1][0] >= start:
            begun, ended = self._spans.pop()
            self.total -= ended - begun
        self._spans.append((start, end))
        self.total += seconds


@functools.cache
def stage_clocks() -> dict[str, Clock]:
    """The clock of each stage; jax is asked to report from the first call on."""
    clocks = {stage: StageClock() for stage in _EVENTS.values()}

    def listen(event: str, duration_secs: float, **_: Any) -> None:
        if event in _EVENTS:
            clocks[_EVENTS[event]].spent(duration_secs)

    jax.monitoring.register_event_duration_secs_listener(listen)
    return {**clocks, "first": time.perf_counter}
