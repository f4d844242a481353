"""Small scope: the build scripts of up to k steps, one by one and in order of size, tried before any is drawn.

Most faults show on a tiny graph, if it is the right one. So all tiny graphs are tried, everywhere in the same order:
what fails first is smallest already, and prerequisites can be judged by it.

The steps are letters of a small alphabet, which says what a graph looks like and not what its arrays hold. What the
arrays, statics and metadata may be is a list of its own: scripts of one step in which each operand takes each of its
values while the others stay plain. Scripts that elaborate to the same program count once.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import hypothesis
from hypothesis import Phase
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Script, Step, elaborate
from nnxspec.spec.script import OPERATIONS
from nnxspec.spec.script.literals import DTYPES, HOLDERS, METADATA, SHAPES, STATICS
from nnxspec.spec.script.world import CONTAINERS, NODES, VARIABLES

if TYPE_CHECKING:
    from .binding import Binding

SAMPLES = 12
"""How many values of a law's other inputs go round beside the scripts."""

_VALUES: dict[str, int] = {
    "class": len(NODES),
    "kind": len(VARIABLES),
    "holder": len(HOLDERS) + 1,
    "dtype": len(DTYPES),
    "shape": len(SHAPES),
    "metadata": len(METADATA),
    "form": 3,
    "target": 2,
    "first": 5,
}
"""How many values an operand takes in a first step; those that are not named keep to 0."""


def _letter(name: str, **operands: int) -> Step:
    return Step(name, tuple(operands.get(operand, 0) for operand in OPERATIONS[name].operands))


def _first_steps() -> Iterator[Step]:
    for name, operation in OPERATIONS.items():
        yield _letter(name)
        for operand in operation.operands:
            size = _VALUES.get(operand, 0)
            if operand == "index":
                size = len(METADATA if name == "set-metadata" else STATICS)
            if name == "container" and operand == "class":
                size = len(CONTAINERS)
            if name == "value" and operand == "seed":
                size = 6
            yield from (_letter(name, **{operand: value}) for value in range(1, size))


FIRST: tuple[Step, ...] = tuple(_first_steps())
"""Every operation with at most one operand that is not 0."""

_MAKERS = (
    *(_letter("node", parent=p, **{"class": c}) for c in (0, 2, 3) for p in (0, 1)),
    *(_letter("variable", parent=p) for p in (0, 1)),
)
_SHARERS = tuple(_letter("alias", parent=p, target=t) for p in (0, 1) for t in (0, 1, 3))
_OTHERS = (
    _letter("variable", kind=2),
    _letter("array"),
    _letter("static"),
    _letter("container"),
    _letter("container", first=3),
    _letter("rngs"),
    _letter("value"),
)
_EDITS = (
    _letter("delete"),
    _letter("swap"),
    _letter("replace", target=1),
    _letter("set-value", seed=1),
    _letter("set-metadata", index=1),
    _letter("set-static", index=1),
    _letter("draw"),
)

LETTERS: tuple[Step, ...] = (*_MAKERS, *_SHARERS, *_OTHERS, *_EDITS)
"""Steps that say what a graph looks like: of these are the scripts of one and of two steps."""
FEW_LETTERS: tuple[Step, ...] = (*_MAKERS[::2], _MAKERS[-1], *_SHARERS[:3], _OTHERS[0], _EDITS[0])
"""Those of which the scripts of three steps are."""

ROOTS = (0, 2, 3)
"""Classes of roots: Module, List and Dict; without any step, every class is a root."""


@dataclass(frozen=True)
class Scope:
    """Where a strategy draws its build scripts from.

    Args:
        without: limits of every script.
        root: class of every root; any if None.
    """

    without: tuple[str, ...] = ()
    root: int | None = None


_scopes: WeakKeyDictionary[SearchStrategy[Any], Scope] = WeakKeyDictionary()


def scoped(strategy: SearchStrategy[Script], without: tuple[str, ...], root: int | None) -> SearchStrategy[Script]:
    """Notes from where a strategy draws build scripts, so that the small ones can be enumerated; gives it back."""
    _scopes[strategy] = Scope(without, root)
    return strategy


def scope_of(strategy: SearchStrategy[Any]) -> Scope | None:
    """What `scoped` noted of a strategy, or of the first of several between which it chooses."""
    if strategy in _scopes:
        return _scopes[strategy]
    choices = getattr(strategy, "original_strategies", ())  # what Hypothesis makes of `one | other`
    return next((scope for choice in choices if (scope := _scopes.get(choice)) is not None), None)


@functools.cache
def scripts(scope: Scope, steps: int) -> tuple[Script, ...]:
    """The scripts of exactly that many letters that elaborate to programs which no shorter one elaborates to."""
    roots = range(len(NODES)) if not steps else ROOTS
    letters = LETTERS if steps < 3 else FEW_LETTERS
    seen = {elaborate(script).lines for shorter in range(steps) for script in scripts(scope, shorter)}
    return _distinct(scope, roots, itertools.product(letters, repeat=steps), seen)


@functools.cache
def first_steps(scope: Scope) -> tuple[Script, ...]:
    """Scripts of one step out of `FIRST` on a Module, those without whose program `scripts` has already."""
    seen = {elaborate(script).lines for size in (0, 1) for script in scripts(scope, size)}
    return _distinct(scope, ROOTS[:1], ((step,) for step in FIRST), seen)


def _distinct(
    scope: Scope, roots: Iterable[int], chosen: Iterable[tuple[Step, ...]], seen: set[tuple[str, ...]]
) -> tuple[Script, ...]:
    found: list[Script] = []
    for root, steps in itertools.product(roots if scope.root is None else (scope.root,), chosen):
        script = Script(root, steps, scope.without)
        lines = elaborate(script).lines
        if lines not in seen:
            seen.add(lines)
            found.append(script)
    return tuple(found)


def small_examples(binding: Binding, steps: int, wide: bool) -> Iterator[dict[str, Any]]:
    """Examples of a law with every small script; its other inputs go round a fixed sample.

    Args:
        binding: the law and its strategies.
        steps: the greatest number of letters; below 0 there are no examples.
        wide: whether the scripts of `first_steps` are tried too.
    """
    places = {name: scope for name, s in binding.strategies.items() if (scope := scope_of(s)) is not None}
    if not places or steps < 0:
        return
    count = SAMPLES if steps else len(NODES)  # as many as there are scripts without letters
    others = sample(binding, count) if len(places) < len(binding.strategies) else [{}]
    sizes: list[Callable[[Scope], Sequence[Script]]]
    sizes = [functools.partial(_of_size, size) for size in range(min(steps, 1) + 1)]
    sizes += [first_steps] * wide + [functools.partial(_of_size, size) for size in range(2, steps + 1)]
    number = 0
    for size in sizes:
        for row in _rows([size(scope) for scope in places.values()]):
            yield {**others[number % len(others)], **dict(zip(places, row, strict=True))}
            number += 1


def simplest_others(binding: Binding, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same example with the other inputs of each member of the sample, the simplest first."""
    places = {name for name, strategy in binding.strategies.items() if scope_of(strategy) is not None}
    if places and len(places) < len(binding.strategies):
        for others in sample(binding, SAMPLES):
            yield {**others, **{name: inputs[name] for name in places}}


def _of_size(steps: int, scope: Scope) -> Sequence[Script]:
    return scripts(scope, steps)


def _rows(columns: Iterable[Sequence[Script]]) -> Iterator[tuple[Script, ...]]:
    """One script for every input of that kind: the same one for all, or, where they differ, side by side."""
    lists = list(columns)
    if all(lists):
        for index in range(max(map(len, lists))):
            yield tuple(scripts[index % len(scripts)] for scripts in lists)


_samples: dict[tuple[int, ...], tuple[Binding, list[Mapping[str, Any]]]] = {}


def sample(binding: Binding, count: int) -> list[Mapping[str, Any]]:
    """Some examples of a law, always the same; Hypothesis draws the simplest first."""
    from .search import inner_test  # which imports this module

    key = (count, id(binding.law), *map(id, binding.strategies.values()))
    if key in _samples:
        return _samples[key][1]
    found: list[Mapping[str, Any]] = []
    settings = hypothesis.settings(
        hypothesis.settings.get_profile("nnxspec-base"),
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
    )
    settings(hypothesis.given(binding.inputs)(inner_test(binding.law, found.append)))()
    _samples[key] = (binding, found)  # kept, so that no id is used twice
    return found
