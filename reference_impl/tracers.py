"""Trace levels: an object may only be changed by the JAX trace that created it.

``jax.jit``, ``jax.grad`` and the others run a function on tracers. A write to an object that came into the function
through a closure would store a tracer in it, and the tracer would outlive its trace. Every Variable and every Module
therefore remembers the trace in which it was made, and every write asks whether that trace is still the current one.
What is made in one trace shares one `TraceState`, so that to check many objects is to check few states.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from jax.extend.core import get_opaque_trace_state

current_trace: Callable[[], Any] = get_opaque_trace_state
"""What identifies the current trace; comparable with ``==``."""


class TraceContextError(Exception):
    """Refuses a change to an object that belongs to another trace."""


class TraceState:
    """The trace that was current when this object was made. What is made now gets it from `trace_state`."""

    __slots__ = ("_trace",)

    def __init__(self) -> None:
        self._trace = current_trace()

    def is_valid(self) -> bool:
        """Whether the trace of this object is the current one, so that its owner may be changed."""
        return bool(self._trace == current_trace())

    def check(self, owner: Any) -> None:
        """Refuses a change to ``owner``, the object that holds this state, from another trace.

        Raises:
          TraceContextError: if the current trace is not the one in which the owner was made.
        """
        if not self._trace == current_trace():
            raise TraceContextError(
                f"cannot change this {type(owner).__name__}: it was created in another JAX trace. "
                "Pass it to the transformed function as an argument, or create it inside."
            )

    def __reduce__(self) -> tuple[Callable[[], TraceState], tuple[()]]:
        return trace_state, ()  # a copy belongs to the trace in which it is made


_latest = TraceState()


def trace_state() -> TraceState:
    """The state of the current trace: the one that was given out last, while that trace goes on."""
    global _latest
    latest = _latest  # another thread may replace it
    if not latest._trace == current_trace():
        _latest = latest = TraceState()
    return latest


def check_all(variables: Sequence[Any]) -> None:
    """Check many Variables as `TraceState.check` does one, each state once."""
    for state in set(map(_TRACE_STATE, variables)):
        if not state.is_valid():
            state.check(next(variable for variable in variables if variable._trace_state is state))


_TRACE_STATE = operator.attrgetter("_trace_state")
