"""The reference stays as fast as it is: what it executes is compared with a table, and steady calls grow nothing."""

from __future__ import annotations

import copy
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.backends import reference
from nnxspec.benchmarks import cost
from nnxspec.reference_impl.graphdef import _INTERNED, GraphDef
from nnxspec.reference_impl.nodes import known_kind
from nnxspec.reference_impl.transforms.lift import Call
from nnxspec.reference_impl.transforms.program import Table


@pytest.fixture(scope="module")
def found() -> cost.Costs:
    """The costs of this checkout."""
    return cost.costs(reference.load())


def test_no_operation_has_become_dearer(found: cost.Costs) -> None:
    known = cost.read().get(cost.python())
    if known is None:
        pytest.skip(f"the table has no section for Python {cost.python()}")
    assert cost.compare(found, known) == []


def test_cost_is_in_proportion_to_size(found: cost.Costs) -> None:
    for name, by_size in found.items():
        for measure in ("calls", "bytecodes"):
            small, large = by_size["50"][measure], by_size["500"][measure]
            assert large <= 10.5 * small, (name, measure)


def test_a_steady_call_executes_hardly_more_for_more_variables(found: cost.Costs) -> None:
    steady = found["jit dispatch"]
    assert steady["500"]["calls"] - steady["5"]["calls"] <= 10
    assert steady["500"]["bytecodes"] - steady["50"]["bytecodes"] <= 30 * 450  # the loop that writes, and no other
    assert steady["500"]["bytecodes"] * 5 <= found["split"]["500"]["bytecodes"]


def test_what_becomes_dearer_is_seen(found: cost.Costs, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    cheaper = copy.deepcopy(found)
    cheaper["split"]["500"]["bytecodes"] //= 2
    cheaper["merge"]["50"]["calls"] //= 2
    cheaper["clone"]["500"]["bytes"] //= 2
    del cheaper["state"]["5"]
    assert [line.split(":")[0] for line in cost.compare(found, cheaper)] == [
        "split, 500 Variables",
        "merge, 50 Variables",
        "state, 5 Variables",
        "state, 5 Variables",
        "state, 5 Variables",
        "clone, 500 Variables",
    ]
    assert cost.compare(cheaper, found) == []
    table = tmp_path / "results" / "cost.json"
    cost.write(found, table)
    cost.write(found, table)
    assert cost.read(table) == {cost.python(): found}
    assert json.loads(table.read_text())["about"]
    assert cost.main(["--write", "--backend", "flax"]) == 2
    assert cost.main(["--backend", "flox"]) == 2
    monkeypatch.setattr(cost, "read", dict)
    monkeypatch.setattr(cost, "costs", lambda *args, **kwargs: found)
    assert cost.main([]) == 2
    assert "--write" in capsys.readouterr().err
    monkeypatch.setattr(cost, "read", lambda: {cost.python(): cheaper})
    assert cost.main([]) == 1
    monkeypatch.setattr(cost, "read", lambda: {cost.python(): found})
    assert cost.main([]) == 0


def test_one_more_call_per_variable_is_seen(found: cost.Costs, monkeypatch: Any) -> None:
    backend = reference.load()
    package = cost.package_of(backend)
    longer = eval(compile("lambda x: plain(x)", f"{package}flatten.py", "eval"), {"plain": known_kind})
    monkeypatch.setattr(sys.modules["nnxspec.reference_impl.flatten"], "known_kind", longer)
    split = cost.operations(backend, 50)["split"]
    split()
    dearer = cost.measure(split, package)
    assert cost.compare({"split": {"50": dearer}}, found) != []


def test_many_steady_calls_grow_nothing(monkeypatch: Any) -> None:
    class Small(nnx.Module):
        def __init__(self) -> None:
            self.v = nnx.Param(jnp.zeros(2))
            self.inner = nnx.List([nnx.Variable(jnp.zeros(2), tag="t"), 3])

    def step(m: Any, x: Any) -> Any:
        m.v[...] = m.v[...] + x
        return m.v[...]

    m, run, x = Small(), nnx.jit(step), jnp.float32(1)
    for _ in range(3):
        run(m, x)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a steady call takes the graph apart, or makes a GraphDef")

    for owner, name in ((GraphDef, "__init__"), (Table, "record"), (Call, "__init__")):
        monkeypatch.setattr(owner, name, refuse)
    plans, interned = len(run._plans), len(_INTERNED)
    gc.collect()
    before = (len(gc.get_objects()), sys.getallocatedblocks())
    start = time.perf_counter()
    calls = 0
    while calls < 100_000 and (calls < 10_000 or time.perf_counter() - start < 4):
        run(m, x)
        calls += 1
    gc.collect()
    objects, blocks = len(gc.get_objects()) - before[0], sys.getallocatedblocks() - before[1]
    assert objects <= 100 and blocks <= 1000, (calls, objects, blocks)
    assert (len(run._plans), len(_INTERNED)) == (plans, interned)
    assert float(m.v[0]) == calls + 3
