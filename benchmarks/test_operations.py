"""Every operation as a benchmark of pytest-benchmark: `pytest benchmarks --nnx-backend flax`.

The floor of each stands beside it in its group. A run measures one thing after the other; `nnxspec bench` measures
several backends in turns, which is what ratios should be taken from.
"""

from __future__ import annotations

from typing import Any

import pytest

from nnxspec.spec import Unsupported

from .operations import OPERATIONS
from .run import Subjects
from .timing import TooSlow, ready

_LIMIT = 10.0
_ALONE, _FRESH = 20, 3


def test_operation(benchmark: Any, subjects: Subjects, contestant: str, operation: str, shape: str, size: int) -> None:
    """The result is checked before it is timed; what a backend does not have is skipped with the reason."""
    subjects.move(shape, size)
    what = OPERATIONS[operation]
    try:
        timed = subjects.timed(contestant, what)
        ready(timed, _LIMIT)
    except (Unsupported, TooSlow) as error:
        pytest.skip(str(error))
    except Exception:
        subjects.forget(contestant)
        raise
    benchmark.extra_info.update(contestant=contestant, operation=operation, shape=shape, size=size)
    if timed.notes:
        benchmark.extra_info.update(notes=list(timed.notes))

    def run() -> None:
        timed.wait(timed.run())

    with timed.around():
        if timed.alone:
            # One call a round, with what has to be done before and after it outside of the clock.
            rounds = _FRESH if what.stage else _ALONE
            benchmark.pedantic(run, setup=timed.before, teardown=timed.after, rounds=rounds)
        else:
            benchmark(run)
