"""Options of `pytest benchmarks`: the backend is chosen with --nnx-backend, all else is pytest-benchmark's own."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nnxspec.spec import Backend

    from .operations import Operation

# Before jax starts: the eight devices that laws use would only add threads.
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "1")

_SHAPE, _SIZES = "blocks", "5,50,500"
_GROUPS = ("graph", "streams", "transform", "jit")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nnxspec benchmarks")
    group.addoption("--nnx-sizes", metavar="N,N,...", default=_SIZES, help=f"numbers of Variables ({_SIZES})")
    group.addoption("--nnx-shapes", metavar="S,S,...", default=_SHAPE, help=f"shapes of graphs ({_SHAPE})")
    group.addoption(
        "--nnx-ops",
        metavar="PATTERN",
        action="append",
        help="only operations whose name or group matches; repeatable (without it: all but the group stage)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Bad input is told before anything is collected."""
    if hasattr(config.option, "nnx_sizes"):
        _chosen(config)


def _chosen(config: pytest.Config) -> tuple[list[Operation], list[str], tuple[int, ...]]:
    """Operations, shapes and sizes; the usual ones where pytest came here too late to ask for options.

    Raises:
        pytest.UsageError: there is no such thing.
    """
    from .command import operations_matching, shapes_of, sizes_of
    from .operations import OPERATIONS

    options = config.option
    try:
        names = operations_matching(getattr(options, "nnx_ops", None) or _GROUPS)
        shapes = shapes_of(getattr(options, "nnx_shapes", _SHAPE).split(","))
        sizes = sizes_of(getattr(options, "nnx_sizes", _SIZES))
    except ValueError as error:
        raise pytest.UsageError(f"nnxspec: {error}") from None
    return [OPERATIONS[name] for name in names], shapes, sizes


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not {"contestant", "operation", "shape", "size"} <= set(metafunc.fixturenames):
        return
    from .run import FLOOR
    from .stages import stage_clocks

    operations, shapes, sizes = _chosen(metafunc.config)
    found: list[Any] = []
    for operation in operations:
        for shape, size in itertools.product(shapes, operation.sizes or sizes):
            if operation.barred(shape, size):
                continue
            timer = {"timer": stage_clocks()[operation.stage]} if operation.stage else {}
            mark = pytest.mark.benchmark(group=f"{operation.name} {shape} {size}", disable_gc=True, **timer)
            for contestant in (metafunc.config.option.nnx_backend or "reference", FLOOR):
                found.append(pytest.param(contestant, operation.name, shape, size, marks=mark))
    metafunc.parametrize(("contestant", "operation", "shape", "size"), found)


@pytest.fixture(scope="session")
def backend(pytestconfig: pytest.Config) -> Backend:
    """The backend of the run."""
    from nnxspec.harness import lookup
    from nnxspec.spec import BackendError

    try:
        return lookup.load(pytestconfig.option.nnx_backend or "reference")
    except BackendError as error:
        raise pytest.UsageError(f"nnxspec: {error}") from None


@pytest.fixture(scope="session")
def subjects(backend: Backend, pytestconfig: pytest.Config) -> Any:
    """The subjects of the run, made when they are asked for."""
    from .run import Subjects

    return Subjects({pytestconfig.option.nnx_backend or "reference": backend})
