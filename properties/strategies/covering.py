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


_FOUND: dict[tuple[int, bool], str] = {
    (1, False): (
        "421 776 24 123 586 1256 1906 350 543 168 1081 1319 1066 784 911 1106 0 148 266 63 507 1296 245 288 "
        "88 250 2 8 5 36 9 38 65 132 18 31 3 7 61 320 13 14 17"
    ),
    (1, True): ("279 62 957 308 198 334 593 45 366 297 414 1028 103 112"),
    (2, False): (
        "565 1129 1151 518 356 614 376 628 433 826 173 164 147 317 204 327 898 1204 1193 474 1138 192 1164 "
        "1166 856 1241 36 828 756 539 702 781 930 312 495 21 1352 25 556 939 1079 483 264 1081 72 891 611 183 "
        "789 787 252 616 195 1060 1080 507 420 763 78 292 81 1052 124 991 801 888 350 1177 111 790 889 510 "
        "123 876 1343 277 1386 639 203 964 1033 1106 307 198 759 472 669 632 434 304 1102 1010 1191 560 981 "
        "1132 942 555 1214 381 1117 2 354 101 710 617"
    ),
    (2, True): ("0 840 410 1136 852 151 144 204 798 133"),
}
"""For one and two layers, without and with metadata, what `find` found."""

SEEDS = {key: tuple(map(int, found.split())) for key, found in _FOUND.items()} | {(3, False): tuple(range(30))}
"""The seeds of the cases. To find them anew: ``python -m nnxspec.properties.strategies.covering``."""


if __name__ == "__main__":
    for layers, about in _FOUND:
        print(f"    ({layers}, {about}): {tuple(find(layers, about, 200 if layers == 1 else 14))},")
