"""The coverage table: which pairs of effect, transform, axis, aliasing and nesting the suite's programs reach."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import Phase

from nnxspec.spec import Program
from nnxspec.spec.coverage import DEPTHS, FACTORS, Cell, cells, wanted

from . import profiles
from .binding import Binding
from .search import chosen_first, inner_test


@dataclass(frozen=True)
class Coverage:
    """What was counted.

    Args:
        profile: how many examples were drawn for each law.
        examples: how many programs were seen.
        counts: in how many of them each cell occurs.
    """

    profile: str
    examples: int
    counts: Mapping[Cell, int]

    def holes(self, depth: int) -> list[Cell]:
        """The cells that can be filled with so many layers, and were not."""
        return [cell for cell in wanted(depth) if not self.counts.get(cell)]


def measure(bindings: Iterable[Binding], profile: str) -> Coverage:
    """Draws the examples that a derandomised run of a profile draws, and counts; no backend is touched."""
    counts: Counter[Cell] = Counter()
    examples = 0
    for binding in bindings:
        for layers, program in _drawn(binding, profile):
            examples += 1
            counts.update(set(cells(layers, program)))
    return Coverage(profile, examples, counts)


def _drawn(binding: Binding, profile: str) -> list[tuple[tuple[Any, ...], Program]]:
    found: list[tuple[tuple[Any, ...], Program]] = []

    def run(inputs: Mapping[str, Any]) -> None:
        found.extend(_cases(tuple(inputs.values())))
        if not found:
            raise _NoPrograms

    settings = profiles.settings_for(profile, binding.scale, derandomize=True)
    first, rest = chosen_first(binding, settings.max_examples)
    settings = hypothesis.settings(settings, phases=[Phase.generate], max_examples=rest)
    for inputs in first:
        found.extend(_cases(tuple(inputs.values())))
    test = inner_test(binding.law, run)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            settings(hypothesis.given(binding.inputs)(test))()
        except _NoPrograms:
            return []
    return found


class _NoPrograms(Exception):
    """A law's inputs have no program in them."""


def _cases(value: Any) -> Iterator[tuple[tuple[Any, ...], Program]]:
    """Pairs of layers and program among the inputs of a law."""
    if not isinstance(value, tuple):
        return
    if len(value) == 2 and isinstance(value[1], Program) and isinstance(value[0], tuple) and 0 < len(value[0]) <= 3:
        yield value
        return
    for item in value:
        yield from _cases(item)


def table(coverage: Coverage) -> str:
    """The table as text: how many cells of each kind are filled, and which are not."""
    lines = [f"{coverage.examples} programs under transforms (profile {coverage.profile!r}, derandomised)", ""]
    for depth in DEPTHS:
        cells_of = list(wanted(depth))
        kinds: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells_of:
            kinds.setdefault((cell[0], _factors(cell)), []).append(cell)
        for (nesting, factors), found in kinds.items():
            filled = sum(1 for cell in found if coverage.counts.get(cell))
            least = min(coverage.counts.get(cell, 0) for cell in found)
            lines.append(f"{nesting:<24} {factors:<24} {filled:>4} of {len(found):<4} least {least}")
        missing: dict[tuple[str, str], list[str]] = {}
        for nesting, first, second in coverage.holes(depth) if depth < max(DEPTHS) else ():
            missing.setdefault((nesting, first), []).append(second)
        lines += [f"  never, {nesting}: {first} with {', '.join(rest)}" for (nesting, first), rest in missing.items()]
    return "\n".join(lines)


def _factors(cell: Cell) -> str:
    names = [next(name for name, values in FACTORS.items() if value in values) for value in cell[1:]]
    return " x ".join(names)
