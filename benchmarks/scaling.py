"""How split and merge grow: microseconds and bytes for each Variable, up to a million of them.

    python -m nnxspec.benchmarks.scaling                    # the reference, 1,000 to 1,000,000 Variables
    python -m nnxspec.benchmarks.scaling flax --sizes 1000,10000

Models are lists of blocks of ten Params, each with an array of its own. All sizes are measured in turns, in processor
time and with the garbage collector off; figures are medians. Bytes are what Python holds for a split form whose Module
is gone: GraphDef, state and Variables, without the arrays. Beside them stands the least that can hold the same arrays
under their names: a dict from path to array.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from nnxspec.harness.lookup import load
from nnxspec.harness.telling import bad_input
from nnxspec.spec import Backend, BackendError

from .cost import model

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 7


@dataclass(frozen=True)
class Growth:
    """What one size costs, for each Variable.

    Args:
        size: how many Variables there are.
        split: microseconds.
        first_merge: microseconds of the first merge of a GraphDef, which the backend may learn from.
        merge: microseconds of one after it.
        split_bytes: bytes of the GraphDef and the state with its Variables, without the arrays.
        dict_bytes: bytes of a dict from path to array, without the arrays.
    """

    size: int
    split: float
    first_merge: float
    merge: float
    split_bytes: float
    dict_bytes: float


def measure(
    nnx: Backend, sizes: Sequence[int], rounds: int, tell: Callable[[str], None] = lambda text: None
) -> list[Growth]:
    """Measures every size, in turns.

    Args:
        nnx: the backend.
        sizes: numbers of Variables.
        rounds: how often each operation is timed.
        tell: is told how far it is.
    """
    models = []
    for size in sizes:
        tell(f"making {size:,} Variables")
        models.append(model(nnx, size))
    times: dict[tuple[int, str], list[float]] = {}
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            for size, m in zip(sizes, models, strict=True):
                for name, us in _round(nnx, m):
                    times.setdefault((size, name), []).append(us / size)
                gc.collect()
        found = []
        for size, m in zip(sizes, models, strict=True):
            tell(f"memory of {size:,} Variables")
            median = {name: statistics.median(times[size, name]) for name in ("split", "first merge", "merge")}
            flat = list(nnx.to_flat_state(nnx.state(m)))
            found.append(
                Growth(
                    size,
                    median["split"],
                    median["first merge"],
                    median["merge"],
                    _bytes(lambda m=m: nnx.split(nnx.clone(m))) / size,  # type: ignore[misc]  # mypy infers no type for m=m
                    _bytes(lambda flat=flat: {_copied(path): v[...] for path, v in flat}) / size,  # type: ignore[misc]
                )
            )
            del flat
    finally:
        gc.enable()
        gc.unfreeze()
    return found


def _round(nnx: Any, m: Any) -> list[tuple[str, float]]:
    """One sample of each operation, in microseconds."""
    clock = time.process_time
    start = clock()
    structure, state = nnx.split(m)
    split = clock()
    first = nnx.merge(structure, state)
    merged = clock()
    del first
    again = clock()
    second = nnx.merge(structure, state)
    end = clock()
    del second
    return [("split", (split - start) * 1e6), ("first merge", (merged - split) * 1e6), ("merge", (end - again) * 1e6)]


def _copied(path: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*list(path),)  # a tuple of its own, as a dict made from nothing would have


def _bytes(make: Callable[[], Any]) -> int:
    """What is allocated by Python and still held when the result is there."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = make()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del kept
    return after - before


def table(found: Sequence[Growth]) -> str:
    """The figures as Markdown, and how much dearer a Variable is in the largest model than in the smallest."""
    lines = [
        "| Variables | split, us each | first merge | merge | split form, bytes each | dict of arrays, bytes each |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        us = " | ".join(f"{value:.3g}" for value in (one.split, one.first_merge, one.merge))
        lines.append(f"| {one.size:,} | {us} | {one.split_bytes:.0f} | {one.dict_bytes:.0f} |")
    small, large = found[0], found[-1]
    figures = ("split", "first_merge", "merge")
    dearer = [getattr(large, name) / getattr(small, name) for name in figures]
    lines += [
        "",
        f"A Variable among {large.size:,} against one among {small.size:,}: "
        + "split {:.2f} times, first merge {:.2f}, merge {:.2f}.".format(*dearer),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m nnxspec.benchmarks.scaling", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("backend", nargs="?", default="reference", help="a name, or module[:attribute] (reference)")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="N,N,...", help="numbers of Variables")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"times that each is done ({ROUNDS})")
    given = parser.parse_args(arguments)
    try:
        sizes = sorted({int(text) for text in given.sizes.split(",")})
    except ValueError:
        return bad_input(f"--sizes wants numbers with commas between them, not {given.sizes!r}")
    if sizes[0] < 1 or given.rounds < 1:
        return bad_input("--sizes and --rounds want numbers above nought")
    try:
        backend = load(given.backend)
    except BackendError as error:
        return bad_input(str(error))
    with jax.default_device(jax.devices("cpu")[0]):
        print(table(measure(backend, sizes, given.rounds, lambda text: print(text, file=sys.stderr, flush=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
