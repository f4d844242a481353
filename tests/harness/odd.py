"""Odd laws, bindings and backends with which the harness itself is tested: each shows one verdict."""

from __future__ import annotations

import types
from typing import Any

from hypothesis import strategies as st

from nnxspec import reference_impl
from nnxspec.harness.binding import Binding
from nnxspec.harness.session import Session
from nnxspec.properties.strategies import PLAIN, graphs
from nnxspec.spec import Backend, Eq, Law, Refused, Script, law
from nnxspec.spec.claims import Claims
from nnxspec.spec.terms import MODULE, SPLIT_AND_MERGE

LIMIT = 3


def too_many(number: int) -> bool:
    """A helper, which a stand-alone script has to bring along."""
    return number > LIMIT


@law("odd.holds", term=MODULE, needs=())
def holds(nnx: Any, number: Any) -> Claims:
    """A number is itself."""
    return Eq(number, number)


@law("odd.violated", term=SPLIT_AND_MERGE, needs=("odd.holds",), uses=("split",))
def violated(nnx: Any, make: Any, number: Any) -> Claims:
    """A number is at most three, whatever the graph.

    It is not, so this law is violated from four on.
    """
    yield Eq(make(), make(), "the graph")
    yield Eq(too_many(number), False, "too many")  # from four on


@law("odd.error", term=MODULE, needs=())
def raises(nnx: Any, number: Any) -> Claims:
    """A number above three raises what no claim speaks of."""
    if too_many(number):
        raise KeyError(f"no {number}")
    yield Eq(number, number)


@law("odd.blocked", term=MODULE, needs=("odd.middle",))
def blocked(nnx: Any, number: Any) -> Claims:
    """A number is zero, and a prerequisite of a prerequisite fails too."""
    return Eq(number, 0)


@law("odd.middle", term=MODULE, needs=("odd.broken",))
def middle(nnx: Any, number: Any) -> Claims:
    """A number is itself, and what this law needs fails."""
    return Eq(number, number)


@law("odd.broken", term=MODULE, needs=())
def broken(nnx: Any) -> Claims:
    """One is two."""
    return Eq(1, 2)


@law("odd.unsupported", term=MODULE, needs=(), uses=("merge", "no_such_name"))
def unsupported(nnx: Any) -> Claims:
    """A law that uses what no backend has is unsupported."""
    return Eq(1, 2)


@law("odd.unsupported-inside", term=MODULE, needs=())
def unsupported_inside(nnx: Any, number: Any) -> Claims:
    """A law that comes upon a missing name on every example is unsupported."""
    return Eq(nnx.no_such_name, number)


@law("odd.unsupported-partly", term=MODULE, needs=())
def unsupported_partly(nnx: Any, number: Any) -> Claims:
    """A law that needs a missing name on some examples is judged by the others."""
    return Eq(number, number if number < 5 else nnx.no_such_name)


@law("odd.refused", term=MODULE, needs=())
def refused(nnx: Any, number: Any) -> Claims:
    """A list of numbers has no element after its last."""
    numbers = [number]
    yield Refused(IndexError, lambda: numbers[1], unchanged=(numbers,))


ODD: tuple[Law, ...] = (
    holds,
    violated,
    raises,
    blocked,
    middle,
    broken,
    unsupported,
    unsupported_inside,
    unsupported_partly,
    refused,
)

NUMBERS = st.integers(0, 9)


def binding(odd: Law) -> Binding:
    """The law bound to numbers and plain graphs, outside of the registry of the suite."""
    inputs = {"number": NUMBERS, "make": graphs(*PLAIN)}
    return Binding(odd, {name: inputs[name] for name in odd.inputs})


EMPTY = Script(0, (), tuple(PLAIN))


def reference() -> Backend:
    """The reference implementation with everything that it can do."""
    from nnxspec.backends.reference import load

    return load()


def session(**changes: Any) -> Session:
    """A derandomised, quick session on the reference."""
    return Session(
        **({"backend": reference(), "named": "reference", "profile": "quick", "derandomize": True} | changes)
    )


def namespace(**changes: Any) -> types.SimpleNamespace:
    """The reference's public names, with some replaced."""
    return types.SimpleNamespace(**({n: getattr(reference_impl, n) for n in reference_impl.__all__} | changes))
