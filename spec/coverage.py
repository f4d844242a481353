"""What programs under layers cover: pairs of effect, transform, kind of axis or carry, aliasing, and nesting.

Counted on the elaborated program, where an effect is one that really happens and aliasing one that really is there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from .layers import LOOPS, spec_of
from .script import EFFECTS, OPERATIONS, Program
from .script.body import elaborate_program

TRANSFORMS = ("jit", "remat", "checkify", "cond", "switch", "grad", "vmap", "scan", "fori", "while")
AXES = (
    *(f"vmap axis {axis}" for axis in (0, -1, 1, None)),
    *(f"scan axis {axis}" for axis in (0, -1, 1, None)),
    "scan carry",
    "loop carry",
)
ALIASING = ("alias:none", "alias:within", "alias:across")
RETURNS = ("return:new", "return:part", "return:input")
STEPS = tuple(f"effect:{name}" for name in (*OPERATIONS, *EFFECTS) if name not in ("return", "value"))
EFFECT = (*STEPS, *RETURNS)
FACTORS: dict[str, tuple[str, ...]] = {
    "effect": EFFECT,
    "transform": TRANSFORMS,
    "axis": AXES,
    "aliasing": ALIASING,
}
"""The factors by name, each with its values. A body makes no Python scalars (they are carried through, not made)."""

Cell = tuple[str, str, str]
"""Nesting, and one value of each of two factors."""

DEPTHS = {1: "alone", 2: "in a pair", 3: "in three"}


def values(layers: tuple[Any, ...], program: Program) -> dict[str, set[str]]:
    """The values of each factor that occur in a program under layers."""
    made = elaborate_program(program)
    seen = {name for name, _ in made.features}
    axes: set[str] = set()
    for layer in layers:
        if layer[0] == "vmap":
            axes |= {f"vmap axis {spec_of(layer, group)}" for group in made.groups}
        elif layer[0] == "scan":
            specs = [spec_of(layer, group) for group in made.groups]
            axes |= {"scan carry" if spec == "carry" else f"scan axis {spec}" for spec in specs}
        elif layer[0] in LOOPS:
            axes.add("loop carry")
    return {
        "effect": {effect for effect in EFFECT if effect in seen},
        "transform": {layer[0] for layer in layers},
        "axis": axes,
        "aliasing": {kind for kind in ALIASING if kind in seen},
    }


def cells(layers: tuple[Any, ...], program: Program) -> Iterator[Cell]:
    """The cells of the coverage table that a program under layers fills."""
    found = values(layers, program)
    depth = DEPTHS[len(layers)]
    for first, second in itertools.combinations(FACTORS, 2):
        for pair in itertools.product(found[first], found[second]):
            if _fits(*pair):
                yield depth, *pair
    for outer, inner in itertools.pairwise(layer[0] for layer in layers):
        yield f"{depth}, outer and inner", outer, inner


def wanted(depth: int) -> Iterator[Cell]:
    """The cells that can be filled with so many layers."""
    for first, second in itertools.combinations(FACTORS, 2):
        for pair in itertools.product(FACTORS[first], FACTORS[second]):
            if _fits(*pair) and _is_possible(depth, *pair):
                yield DEPTHS[depth], *pair
    if depth > 1:
        for outer, inner in itertools.product(TRANSFORMS, TRANSFORMS):
            if (outer, inner) != ("grad", "while"):
                yield f"{DEPTHS[depth]}, outer and inner", outer, inner


def _fits(first: str, second: str) -> bool:
    """Whether a pair is about one thing: an axis belongs to its own transform."""
    owner = {"vmap": ("vmap",), "scan": ("scan",), "loop": ("fori", "while")}.get(second.split()[0])
    return first not in TRANSFORMS or owner is None or first in owner


def _is_possible(depth: int, first: str, second: str) -> bool:
    lanes = second in ("vmap", *LOOPS) or second in AXES
    if first in ("return:input", "return:part") and lanes:
        return False  # an output is stacked, and an argument among the outputs would need the axis of its own prefix
    # Streams have scalars, which have no second axis.
    return not (first in ("effect:draw", "effect:rngs") and second.endswith("axis 1"))
