"""A run in pytest-benchmark's own JSON, so that ``pytest-benchmark compare`` can read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest_benchmark
from pytest_benchmark.stats import Stats
from pytest_benchmark.utils import get_commit_info

from .run import Row


def pytest_benchmark_json(rows: Sequence[Row], machine: Mapping[str, Any], when: str) -> str:
    """The text of the file.

    Args:
        rows: what was measured, with all samples.
        machine: hardware (`nnxspec.benchmarks.machine.machine`).
        when: date and time, ISO 8601.
    """
    described = {"node": "", "cpu": {"brand_raw": machine["processor"]}, **machine}
    return (
        json.dumps(
            {
                "machine_info": described,
                "commit_info": get_commit_info(),  # type: ignore[no-untyped-call]  # pytest-benchmark has no types
                "benchmarks": [_benchmark(row) for row in rows if row.samples],
                "datetime": when,
                "version": pytest_benchmark.__version__,
            },
            indent=1,
        )
        + "\n"
    )


def _benchmark(row: Row) -> dict[str, Any]:
    stats: Any = Stats()  # type: ignore[no-untyped-call]  # as above
    for seconds in row.samples:
        stats.update(seconds)
    group = f"{row.operation} {row.shape} {row.size}"
    name = f"test_operation[{row.contestant}-{row.operation}-{row.shape}-{row.size}]"
    return {
        "group": group,
        "name": name,
        "fullname": f"nnxspec bench::{name}",
        "params": {
            "contestant": row.contestant,
            "operation": row.operation,
            "shape": row.shape,
            "size": row.size,
        },
        "param": f"{row.contestant}-{row.operation}-{row.shape}-{row.size}",
        "extra_info": {},
        "options": {"disable_gc": True, "timer": "perf_counter", "min_rounds": 1, "warmup": True},
        "stats": {**stats.as_dict(), "iterations": row.figures["calls"]},
    }
