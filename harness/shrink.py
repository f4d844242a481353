"""Making a witness smaller without Hypothesis: for examples that were not drawn but enumerated."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nnxspec.spec import Program, Script, Step

_FINE = 3
"""Below this length steps are dropped one by one only."""


def shrunk(inputs: Mapping[str, Any], fails: Callable[[Mapping[str, Any]], bool], budget: int) -> Mapping[str, Any]:
    """The smallest inputs found that still fail.

    Args:
        inputs: inputs that fail.
        fails: tries others.
        budget: how many may be tried.
    """
    best = inputs
    progress = True
    while progress:
        progress = False
        for candidate in _candidates(best):
            if budget <= 0:
                return best
            budget -= 1
            if fails(candidate):
                best, progress = candidate, True
                break
    return best


def _candidates(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, value in inputs.items():
        for smaller in _smaller(value):
            yield {**inputs, name: smaller}


def _smaller(value: Any) -> Iterator[Any]:
    """Simpler values, the boldest first."""
    if isinstance(value, Program):
        for body in _shorter(value.body):
            yield dataclasses.replace(value, body=body)
        if len(value.arguments) > 1:
            for number in range(len(value.arguments)):
                yield dataclasses.replace(value, arguments=value.arguments[:number] + value.arguments[number + 1 :])
        for build in _smaller(value.build):
            yield dataclasses.replace(value, build=build)
        for number, argument in enumerate(value.arguments):
            if argument:
                yield dataclasses.replace(
                    value, arguments=(*value.arguments[:number], 0, *value.arguments[number + 1 :])
                )
        for body in _plainer(value.body):
            yield dataclasses.replace(value, body=body)
    elif isinstance(value, Script):
        for steps in (*_shorter(value.steps), *_plainer(value.steps)):
            yield dataclasses.replace(value, steps=steps)
        if value.root:
            yield dataclasses.replace(value, root=0)
    elif isinstance(value, tuple) and any(isinstance(item, Program | Script) for item in value):
        for number, item in enumerate(value):
            smaller = _fewer_layers(item) if isinstance(item, tuple) else _smaller(item)
            for one in smaller:
                yield (*value[:number], one, *value[number + 1 :])


def _fewer_layers(layers: tuple[Any, ...]) -> Iterator[Any]:
    if len(layers) > 1 and all(isinstance(layer, tuple) for layer in layers):
        for number in range(len(layers)):
            yield layers[:number] + layers[number + 1 :]


def _shorter(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    size = len(steps) // 2
    while size >= _FINE:
        for start in range(0, len(steps), size):
            yield steps[:start] + steps[start + size :]
        size //= 2
    for number in reversed(range(len(steps))):
        yield steps[:number] + steps[number + 1 :]


def _plainer(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    for number, step in enumerate(steps):
        if any(step.operands):
            yield (*steps[:number], Step(step.name), *steps[number + 1 :])
