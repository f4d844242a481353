"""Making a witness smaller without Hypothesis: for examples that were not drawn but enumerated, and as a last polish.

Hypothesis shrinks the choices from which a script was drawn, this the script itself: it takes out single steps and sets
operands to 0, where Hypothesis is sometimes held up by how the steps were drawn in chunks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from nnxspec.spec import Program, Script, Step

_FINE = 3
"""Below this length steps are dropped one by one only."""


def shrunk(
    inputs: Mapping[str, Any],
    fails: Callable[[Mapping[str, Any]], bool],
    budget: int,
    names: Collection[str] | None = None,
) -> Mapping[str, Any]:
    """The smallest inputs found that still fail.

    Args:
        inputs: inputs that fail.
        fails: tries others.
        budget: how many may be tried.
        names: which of the inputs may become smaller; all if None.
    """
    best = inputs
    progress = True
    while progress:
        progress = False
        for candidate in _candidates(best, names):
            if budget <= 0:
                return best
            budget -= 1
            if fails(candidate):
                best, progress = candidate, True
                break
    return best


def _candidates(inputs: Mapping[str, Any], names: Collection[str] | None) -> Iterator[Mapping[str, Any]]:
    for name, value in inputs.items():
        if names is None or name in names:
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
    """Operands set to 0: all those of a step at once, then one by one."""
    for number, step in enumerate(steps):
        places = [i for i, operand in enumerate(step.operands) if operand]
        plain: list[tuple[int, ...]] = [()] if places else []
        if len(places) > 1:
            plain += [(*step.operands[:i], 0, *step.operands[i + 1 :]) for i in places]
        for operands in plain:
            yield (*steps[:number], Step(step.name, operands), *steps[number + 1 :])
