"""What the tests of refusals share beside the fixture `refused`: its type, a way to use it, and bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Refused = Callable[..., None]
"""What the fixture `refused` is."""

Run = Callable[..., Any]
"""A function that is given to a transform, or a case that makes a call for a world."""


def refusal(error: Any, says: Any) -> Callable[[Run], Run]:
    """Makes a test of a case; see the fixture `refused`."""

    def make(case: Run) -> Run:
        def test(refused: Refused) -> None:
            refused(error, says, case)

        return test

    return make


def step(m: Any) -> None:
    """A body that changes a parameter."""
    m.w[...] = m.w[...] + 1


def nothing(*args: Any) -> None:
    """A body that does nothing."""
