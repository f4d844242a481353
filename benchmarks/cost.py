"""The deterministic cost of operations: how much Python they execute, and how much memory their results hold.

Seconds depend on the machine and on who else uses it; these figures do not. Counted is what runs in the library's own
files: function calls (of Python functions there, and of builtin ones from there), bytecodes, and what is still
allocated by its lines when the operation has returned (not for `jit`, where that is jax's arrays). They differ from
one minor version of Python to the next, so the table has one section for each.

    python -m nnxspec.benchmarks.cost            # compares with the table
    python -m nnxspec.benchmarks.cost --write    # writes the section of this Python anew
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import jax
import jax.numpy as jnp

from nnxspec.harness.lookup import load
from nnxspec.harness.telling import bad_input
from nnxspec.spec import Backend, BackendError

TABLE = Path(__file__).resolve().parent / "results" / "cost.json"
SIZES = (5, 50, 500)
"""How many Variables the graphs have."""
BLOCK = 10
"""How many Variables a node has at most."""
MEASURES = ("calls", "bytecodes", "bytes")
SLACK = {"calls": 0.05, "bytecodes": 0.05, "bytes": 0.25}
"""By how much of it a figure may be above the one in the table. Bytes depend on what Python has in its free lists."""
EXTRA = {"calls": 5, "bytecodes": 50, "bytes": 2048}
"""What is allowed on top of that, so that small figures are not held to nothing."""

Costs = dict[str, dict[str, dict[str, int]]]
"""Operation, size, measure."""


def model(nnx: Any, size: int) -> Any:
    """A Module with blocks of Params, a static in each, and `size` Variables in all."""

    class Block(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, count: int) -> None:
            self.width = count
            for i in range(count):
                setattr(self, f"p{i}", nnx.Param(jnp.zeros(2)))

    class Model(nnx.Module):  # type: ignore[misc]  # see above
        def __init__(self) -> None:
            self.blocks = nnx.List([Block(min(BLOCK, size - i)) for i in range(0, size, BLOCK)])

    return Model()


def step(m: Any) -> None:
    """Writes every Variable, as the step of a training does."""
    for block in m.blocks:
        for i in range(block.width):
            variable = getattr(block, f"p{i}")
            variable.set_value(variable.get_value() + 1)


def operations(nnx: Any, size: int) -> dict[str, Callable[[], Any]]:
    """The operations on a model of that size, each ready to be done again and again."""
    m = model(nnx, size)
    structure, state = nnx.split(m)
    fresh = nnx.state(nnx.clone(m))
    run = nnx.jit(step)
    return {
        "split": lambda: nnx.split(m),
        "merge": lambda: nnx.merge(structure, state),
        "state": lambda: nnx.state(m),
        "update": lambda: nnx.update(m, fresh),
        "clone": lambda: nnx.clone(m),
        "graphdef": lambda: nnx.graphdef(m),
        "graphdef hash": lambda: hash(nnx.graphdef(m)),
        "graphdef equality": lambda: nnx.graphdef(m) == structure,
        "jit dispatch": lambda: run(m),
    }


# ---- counting ------------------------------------------------------------------------------------------------------


def measure(operation: Callable[[], Any], package: str, measures: Sequence[str] = MEASURES) -> dict[str, int]:
    """The costs of an operation that was done before, in the files below the folder `package`."""
    count = {"calls": _calls, "bytecodes": _bytecodes, "bytes": _bytes}
    return {name: count[name](operation, package) for name in measures}


def _calls(operation: Callable[[], Any], package: str) -> int:
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call") and frame.f_code.co_filename.startswith(package):
            count += 1

    before = sys.getprofile()
    with _no_collection():
        sys.setprofile(profile)
        try:
            operation()
        finally:
            sys.setprofile(before)
    return count


def _bytecodes(operation: Callable[[], Any], package: str) -> int:
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        return local

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(package):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return local

    before = sys.gettrace()
    with _no_collection():
        for _ in range(2):  # from 3.12 on, code that has run before counts from the second time on
            count = 0
            sys.settrace(enter)
            try:
                operation()
            finally:
                sys.settrace(before)
    return count


def _bytes(operation: Callable[[], Any], package: str) -> int:
    with _no_collection():
        tracemalloc.start()
        try:
            kept = operation()
            snapshot = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
        del kept
    own = snapshot.filter_traces([tracemalloc.Filter(True, f"{package}*")])
    return sum(trace.size for trace in own.traces)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def package_of(backend: Backend) -> str:
    """The folder whose files count, with a slash at its end."""
    module = importlib.import_module(getattr(backend.namespace, "__name__", type(backend.namespace).__module__))
    return str(Path(str(module.__file__)).parent) + os.sep  # as it is named in code objects, links included


def costs(backend: Backend, sizes: Sequence[int] = SIZES, tell: Callable[[str], None] = lambda text: None) -> Costs:
    """All costs of a backend, by operation and size.

    Args:
        backend: whose operations are measured.
        sizes: numbers of Variables.
        tell: is told how far it is.
    """
    package = package_of(backend)
    found: Costs = {}
    for size in sizes:
        for name, operation in operations(backend, size).items():
            tell(f"{name}, {size} Variables")
            for _ in range(3):  # caches are full, and CPython has specialised what it runs
                operation()
            measures = MEASURES[:2] if name == "jit dispatch" else MEASURES
            found.setdefault(name, {})[str(size)] = measure(operation, package, measures)
    return found


# ---- the table -----------------------------------------------------------------------------------------------------


def python() -> str:
    """The section of the table for this Python."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def read(path: Path = TABLE) -> dict[str, Costs]:
    """The table, by version of Python; empty if there is none."""
    table: dict[str, Costs] = json.loads(path.read_text())["python"] if path.exists() else {}
    return table


def write(found: Costs, path: Path = TABLE) -> None:
    """Put the section of this Python into the table."""
    table = read(path) | {python(): found}
    about = {
        "about": "what the reference executes and holds; written by python -m nnxspec.benchmarks.cost --write",
        "python": dict(sorted(table.items())),
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(about, indent=1) + "\n")


def compare(found: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """What has become dearer than the slack allows, in words."""
    worse = []
    for name, by_size in found.items():
        for size, measures in by_size.items():
            for measure_name, new in measures.items():
                old = known.get(name, {}).get(size, {}).get(measure_name)
                if old is None:
                    worse.append(f"{name}, {size} Variables: {measure_name} are not in the table")
                elif new > old * (1 + SLACK[measure_name]) + EXTRA[measure_name]:
                    worse.append(f"{name}, {size} Variables: {new} {measure_name}, in the table {old}")
    return worse


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the costs with the table, or write it."""
    parser = argparse.ArgumentParser(
        prog="python -m nnxspec.benchmarks.cost", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--backend", default="reference", help="whose operations; only those of the reference are kept")
    parser.add_argument("--write", action="store_true", help="write the table anew, for this version of Python")
    given = parser.parse_args(arguments)
    if given.write and given.backend != "reference":
        return bad_input("the table holds the costs of the reference; leave out --backend, or --write")
    try:
        backend = load(given.backend)
    except BackendError as error:
        return bad_input(str(error))
    with jax.default_device(jax.devices("cpu")[0]):
        found = costs(backend, tell=lambda text: print(text, file=sys.stderr))
    if given.write:
        write(found)
    for name, by_size in found.items():
        for size, measures in by_size.items():
            print(f"{name:<18} {size:>4} " + " ".join(f"{count:>9} {m}" for m, count in measures.items()))
    if given.write or given.backend != "reference":
        return 0
    known = read().get(python())
    if known is None:
        return bad_input(f"the table has no section for Python {python()}; write it with --write")
    worse = compare(found, known)
    print("\n".join(worse) or "no operation has become dearer")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
