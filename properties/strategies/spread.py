"""Examples that together show every value of every input beside every value of the others, before any search.

A law about transforms has few examples, since each costs a compilation, and Hypothesis spends many of them on what is
simple or like the one before. Where the inputs choose between transforms, axes and options, ten drawn examples leave
most choices untried. These are drawn as well, in great number and without being run, and as many are kept as asked
for: always the one with the most pairs of values that no example had before.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.strategies import SearchStrategy, fixed_dictionaries

from nnxspec.harness.binding import bind
from nnxspec.spec import Law, Program, Script
from nnxspec.spec.script import features

CANDIDATES = 4
"""How many examples are drawn for each that is kept."""

DRAWN = 0.6
"""What is left of the examples that a law draws where it has some that are spread: they see more for their cost."""

FEW = 7
"""Numbers of more values than these are paired with nothing: they are contents and no choice."""

Atom = tuple[tuple[Any, ...], Any]
"""A place in the inputs, and what stands there."""


def bind_spread(
    law: Law, count: int, /, *, scale: float = 1.0, **strategies: SearchStrategy[Any]
) -> Callable[[], None]:
    """A test as of `bind`, with `count` examples that are spread over the inputs tried first, and fewer drawn."""
    scale *= DRAWN
    return bind(law, scale=scale, tried_first=functools.partial(spread, law.id, count, strategies), **strategies)


_found: dict[tuple[str, int], list[dict[str, Any]]] = {}


def spread(
    name: str, count: int, strategies: dict[str, SearchStrategy[Any]], most: int = sys.maxsize
) -> Sequence[dict[str, Any]]:
    """Some examples, always the same, that fill as many pairs of values as they can.

    Args:
        name: of the law; examples are kept by it.
        count: how many.
        strategies: of the inputs, by name.
        most: how many are wanted, if these are fewer: drawing candidates takes time as well.
    """
    count = min(count, most)
    if (name, count) not in _found:
        drawn = _drawn(name, count * CANDIDATES, strategies)
        rest = list(zip(drawn, _pairs(drawn), strict=True))
        seen: set[Any] = set()
        kept: list[dict[str, Any]] = []
        while rest and len(kept) < count:
            best = max(range(len(rest)), key=lambda i: len(rest[i][1] - seen))
            inputs, pairs = rest.pop(best)
            if pairs <= seen:
                break
            seen |= pairs
            kept.append(inputs)
        _found[name, count] = kept
    return _found[name, count]


def _drawn(name: str, count: int, strategies: dict[str, SearchStrategy[Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    settings = hypothesis.settings(
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
    )

    def draw(inputs: dict[str, Any]) -> None:
        found.append(inputs)

    draw._hypothesis_internal_add_digest = name.encode()  # type: ignore[attr-defined]  # what Hypothesis reads
    settings(hypothesis.given(fixed_dictionaries(strategies))(draw))()
    return found


def _pairs(drawn: Sequence[dict[str, Any]]) -> list[set[Any]]:
    """For each example pairs of what stands at two places; alone what scripts contain, and numbers of many values."""
    found: list[set[Any]] = []
    plain: list[list[Atom]] = []
    values: dict[tuple[Any, ...], set[Any]] = {}
    for inputs in drawn:
        found.append(set())
        plain.append([])
        for place, value in _atoms(inputs, ()):
            if isinstance(value, Script | Program):
                found[-1].update((place, feature) for feature in features(value))
            else:
                plain[-1].append((place, value))
                values.setdefault(place, set()).add(value)
    noise = {place for place, all_ in values.items() if len(all_) > FEW and any(kind == "int" for kind, _ in all_)}
    for pairs, atoms in zip(found, plain, strict=True):
        pairs.update(atoms)
        pairs.update(itertools.combinations([atom for atom in atoms if atom[0] not in noise], 2))
    return found


def _atoms(value: Any, place: tuple[Any, ...]) -> Iterator[Atom]:
    """Every plain value with its place: names of options count as places, positions and lengths as well."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _atoms(value[key], (*place, key))
    elif isinstance(value, Script | Program):
        yield place, value
    elif isinstance(value, tuple):
        if value and all(isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], str) for x in value):
            yield place, ("names", tuple(x[0] for x in value))
            for name, inner in value:
                yield from _atoms(inner, (*place, name))
            return
        yield (*place, "length"), ("length", len(value))
        for number, inner in enumerate(value):
            yield from _atoms(inner, (*place, min(number, 3)))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.name != "seed":
                yield from _atoms(getattr(value, field.name), (*place, field.name))
    else:
        yield place, (type(value).__name__, value)
