"""Laws of how filters are called, and of what is refused in their place."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Refused, attempt
from ...flat import flat, in_state, nested
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...terms import FILTER


def results(index: int) -> Any:
    """A result that a predicate might give."""
    return (True, False, 1, 0, "yes", "", [0], [], None, np.bool_(True), jnp.asarray(False), jnp.asarray(2))[index % 12]


def no_filter(index: int) -> Any:
    """An object that is no filter."""
    return ({}, {"a": 1}, 2.5, 7, set(), frozenset({1}), b"x", 1j, 0, 1, object())[index % 11]


def misplaced(nnx: Any, wrap: int, bad: Any) -> Any:
    """A function that makes a filter expression with `bad` somewhere inside."""
    return (
        lambda: bad,
        lambda: [bad],
        lambda: (nnx.Param, bad),
        lambda: nnx.Any(bad),
        lambda: nnx.All(nnx.Param, bad),
        lambda: nnx.Not(bad),
        lambda: nnx.Not(nnx.Any(["t", bad])),
    )[wrap % 7]


def answering(number: int, answer: bool, asked: list[int]) -> Any:
    """A predicate that notes that it is asked."""

    def predicate(path: Any, leaf: Any) -> bool:
        asked.append(number)
        return answer

    return predicate


@law("filter.predicate-protocol", term=FILTER, uses=("filters", "state"))
def predicate_protocol(nnx: Any, make: Any, picks: Any) -> Claims:
    """A predicate is called with the path (a tuple relative to the object split, ints for list-like and strs for
    attribute-like keys) and the leaf (the Variable itself or the raw leaf), and only the truth value of its result
    counts. Any and All ask their filters in order, up to the first that decides.
    """
    m = make()
    found = leaves(nnx, m)
    calls: list[Any] = []

    def predicate(path: Any, leaf: Any) -> Any:
        calls.append((path, leaf))
        return results(picks[len(path) % len(picks)])

    group, rest = nnx.split(m, predicate, ...)[1:]
    yield Eq(all(type(path) is tuple for path, _ in calls), True, "paths are tuples")
    yield Eq(dict(calls), found, "called with each path and leaf")
    wanted = {path: leaf for path, leaf in found.items() if results(picks[len(path) % len(picks)])}
    yield Eq((flat(group), m), (in_state(nnx, wanted), m), "selected by truth value")
    left = {path: leaf for path, leaf in found.items() if path not in wanted}
    yield Eq((flat(rest), m), (in_state(nnx, left), m), "not selected by truth value")
    for either, decides in ((nnx.Any, True), (nnx.All, False)):
        asked: list[int] = []
        expression = either(*(answering(n, (n == 1) is decides, asked) for n in range(3)))
        yield Eq((nnx.to_predicate(expression)((), 0), asked), (decides, [0, 1]), f"whom {either.__name__} asks")


@law("filter.non-filter-rejected", term=FILTER, uses=("filters", "state", "pop"))
def non_filter_rejected(nnx: Any, make: Any, index: Any, wrap: Any) -> Claims:
    """An object that is no filter (number, dict, set, ...) is refused with TypeError or ValueError that names it."""
    m = make()
    bad = no_filter(index)
    expression = misplaced(nnx, wrap, bad)
    refusals = (TypeError, ValueError)
    yield Refused(refusals, lambda: nnx.split(m, expression(), ...), (m,), "split")
    yield Refused(refusals, lambda: nnx.split(m, nnx.Param, expression()), (m,), "split, second filter")
    yield Refused(refusals, lambda: nnx.state(m, expression()), (m,), "state")
    yield Refused(refusals, lambda: nnx.pop(m, expression()), (m,), "pop")
    yield Refused(refusals, lambda: nnx.filter_state(nnx.State({}), expression()), about="filter_state")
    message = str(attempt(lambda: nnx.state(m, expression())).error)
    yield Eq(repr(bad) if repr(bad) in message else message, repr(bad), "what the message names")


@law("filter.variable-not-a-filter", term=FILTER, level=SHOULD, uses=("filters", "state", "pop"))
def variable_not_a_filter(nnx: Any, make: Any, value: Any) -> Claims:
    """A Variable instance passed as a filter is refused with TypeError, on empty and on other graphs."""
    m = make()
    v = nnx.Param(value)
    empty = nnx.Module()
    for target, about in ((m, "a graph"), (empty, "an empty graph")):
        yield Refused(TypeError, partial(nnx.split, target, v), (target, v), f"split of {about}")
        yield Refused(TypeError, partial(nnx.split, target, v, ...), (target, v), f"split of {about}, first of two")
        yield Refused(TypeError, partial(nnx.state, target, v), (target, v), f"state of {about}")
        yield Refused(TypeError, partial(nnx.pop, target, v), (target, v), f"pop from {about}")
        yield Refused(TypeError, partial(nnx.state, target, [v]), (target, v), f"in a list, state of {about}")
    yield Refused(TypeError, lambda: nnx.Not(v), (v,), "Not")


@law("filter.predicate-exception", term=FILTER, level=SHOULD, uses=("filters", "state", "pop", "filter_state"))
def predicate_exception(nnx: Any, make: Any, after: Any) -> Claims:
    """An exception raised by a predicate propagates unchanged and nothing is mutated.

    Whether a predicate that raises for a later leaf is met at all depends on the number of leaves, so the position is
    taken modulo that number.
    """
    m = make()
    found = leaves(nnx, m)
    s = nnx.State(nested(found))
    before = observe(nnx, (m, s))

    class Stop(Exception):
        pass

    raised = Stop("stop")

    def once_more() -> Any:
        left = [after % max(1, len(found))]

        def predicate(path: Any, leaf: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise raised
            return True

        return predicate

    for name, action in (
        ("split", lambda: nnx.split(m, once_more(), ...)),
        ("state", lambda: nnx.state(m, once_more())),
        ("filter_state", lambda: nnx.filter_state(s, once_more())),
        ("split_state", lambda: nnx.split_state(s, once_more(), ...)),
        ("pop", lambda: nnx.pop(m, once_more())),
    ):
        outcome = attempt(action)
        yield Eq(outcome.error is raised, bool(found), f"{name} lets the exception through")
        after_all = attempt(lambda: observe(nnx, (m, s)))
        yield Eq(after_all.value if after_all.error is None else after_all, before, f"{name} changes nothing")


LAWS: tuple[Law, ...] = (predicate_protocol, non_filter_rejected, variable_not_a_filter, predicate_exception)
