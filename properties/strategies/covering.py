"""Programs that together cover every pair of effect, transform, axis, aliasing and nesting: tried before any search.

Drawn programs pile up in some corners, and a law has few examples. These are made for the table that
`nnxspec laws --coverage` shows: at random from a fixed start, and kept if they fill a cell that was empty.
"""

from __future__ import annotations

import functools
import random
from typing import Any

from nnxspec.spec import Program, Script, Step
from nnxspec.spec.coverage import TRANSFORMS, Cell, cells, wanted
from nnxspec.spec.script import EFFECTS, OPERATIONS

from .graphs import _RANGES
from .programs import _FURNITURE, _WEIGHTS, is_possible, limits_for

Case = tuple[tuple[tuple[Any, ...], ...], Program]


METADATA = ("set-metadata", "read")
"""Effects with cases of their own, so that a backend that loses metadata is still seen to keep the rest."""


@functools.cache
def covering(depth: int, *, metadata: bool = False) -> tuple[Case, ...]:
    """Cases (layers and a program) that fill every cell of the coverage table for so many layers; three are sampled.

    Args:
        depth: number of layers, up to 3.
        metadata: only the cells about metadata, or only the others.
    """
    return tuple(_case(random.Random(seed), depth, metadata) for seed in SEEDS[depth, metadata])


def find(depth: int, metadata: bool, tries: int) -> list[int]:
    """Seeds of cases that fill every cell: for each combination of kinds the best of some, and then what is missing."""
    empty = {cell for cell in wanted(depth) if ("effect:set-metadata" in cell) == metadata}
    best: dict[tuple[str, ...], list[tuple[int, set[Cell]]]] = {}
    for seed in range(tries * len(TRANSFORMS) ** depth):
        case = _case(random.Random(seed), depth, metadata)
        best.setdefault(tuple(layer[0] for layer in case[0]), []).append((seed, set(cells(*case))))
    found: list[int] = []
    rounds = [max(drawn, key=lambda one: len(one[1])) for drawn in best.values()]
    rest = [one for drawn in best.values() for one in drawn]
    while empty:
        pool = rounds or rest
        seed, filled = max(pool, key=lambda one: len(one[1] & empty))
        if rounds:
            rounds.remove((seed, filled))
        if filled & empty:
            found.append(seed)
            empty -= filled
        elif not rounds:
            break
    return found


def _stack(source: random.Random, depth: int) -> tuple[tuple[Any, ...], ...]:
    while True:
        stack = tuple(_layer(source, source.choice(TRANSFORMS)) for _ in range(depth))
        if is_possible(stack):
            return stack


def _layer(source: random.Random, kind: str) -> tuple[Any, ...]:
    axes = tuple(source.choice((0, -1, 1, None)) for _ in range(source.choice((1, 2))))
    match kind:
        case "grad":
            return (kind, source.choice((0, 1)))
        case "vmap":
            return (kind, 2, axes)
        case "scan":
            return (kind, 2, tuple("carry" if source.random() < 0.4 else axis for axis in axes), source.random() < 0.3)
        case "fori" | "while":
            return (kind, 2)
        case _:
            return (kind,)


def _step(source: random.Random, name: str) -> Step:
    operands = (OPERATIONS.get(name) or EFFECTS[name]).operands
    return Step(name, tuple(source.randrange(_RANGES.get(o, 9)) for o in operands))


def _case(source: random.Random, depth: int, metadata: bool) -> Case:
    stack = _stack(source, depth)
    world, without = limits_for(stack)
    names = [name for name in _WEIGHTS if name in METADATA] if metadata else [n for n in _WEIGHTS if n != METADATA[0]]
    source.shuffle(names)
    body = [_step(source, name) for name in names]
    if source.random() < 0.2:
        body.append(Step("raise"))
    furniture = tuple(step for step in _FURNITURE if source.random() < 0.8)
    extra = tuple(_step(source, name) for name in source.sample(("variable", "node", "container", "alias"), 2))
    arguments = tuple(source.randrange(24) for _ in range(source.choice((1, 1, 2, 3))))
    return stack, Program(
        Script(source.choice((0, 0, 1, 4)), furniture + extra, world), arguments, tuple(body), without
    )


SEEDS: dict[tuple[int, bool], tuple[int, ...]] = {
    (1, False): (
        517,
        75,
        576,
        1320,
        255,
        193,
        1595,
        586,
        72,
        593,
        1231,
        1309,
        1711,
        439,
        630,
        911,
        975,
        1622,
        398,
        1985,
        238,
        2,
        6,
        1223,
        227,
        406,
        602,
        20,
        3,
        13,
        14,
        94,
        1,
        139,
        8,
        7,
        247,
        60,
        28,
    ),
    (1, True): (92, 33, 11, 308, 198, 4, 762, 352, 149, 525, 436, 133, 65, 103, 182),
    (2, False): (
        392,
        1099,
        163,
        914,
        309,
        756,
        628,
        556,
        1177,
        44,
        444,
        326,
        31,
        647,
        12,
        1168,
        1164,
        761,
        71,
        1000,
        456,
        559,
        61,
        422,
        722,
        51,
        119,
        1211,
        1187,
        100,
        524,
        186,
        659,
        222,
        781,
        166,
        590,
        319,
        21,
        825,
        25,
        1135,
        207,
        580,
        211,
        256,
        1247,
        1301,
        48,
        999,
        252,
        58,
        59,
        60,
        618,
        1124,
        592,
        324,
        1082,
        1196,
        783,
        535,
        431,
        486,
        224,
        731,
        262,
        402,
        158,
        1186,
        462,
        325,
        123,
        364,
        348,
        811,
        401,
        157,
        407,
        253,
        638,
        694,
        905,
        246,
        455,
        526,
        622,
        219,
        374,
        304,
        729,
        386,
        406,
        1134,
        516,
        1209,
        1133,
        1356,
        573,
        847,
        1376,
        68,
        307,
        430,
        601,
    ),
    (2, True): (0, 694, 652, 3, 317, 1223, 244, 44, 691),
    (3, False): tuple(range(30)),
}
"""The seeds of the cases; for one and two layers what `find` found (``python -m nnxspec.properties.strategies.covering``)."""


if __name__ == "__main__":
    for layers, about in (key for key in SEEDS if key[0] < 3):
        print(f"    ({layers}, {about}): {tuple(find(layers, about, 200 if layers == 1 else 14))},")
