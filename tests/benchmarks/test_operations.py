"""Operations: each is right on the reference and on its floor, and its check sees a backend that is wrong."""

from __future__ import annotations

import dataclasses
import itertools
import time
from typing import Any

import jax
import pytest

from nnxspec.benchmarks.operations import OPERATIONS
from nnxspec.benchmarks.run import FLOOR, Plan, Row, Subjects, run
from nnxspec.benchmarks.scripts import SHAPES
from nnxspec.benchmarks.subjects import is_key
from nnxspec.benchmarks.timing import Effort, ready
from nnxspec.harness import lookup
from nnxspec.spec import Backend, BackendError

_LITTLE = Effort(seconds=0.0, fewest=1, most=1)
_CALLS = [name for name, operation in OPERATIONS.items() if not operation.stage]


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects({"reference": lookup.load("reference")})


@pytest.mark.parametrize(
    ("shape", "name"), [(s, name) for s in SHAPES for name in _CALLS if not OPERATIONS[name].barred(s, 7)]
)
def test_right_on_the_reference_and_on_the_floor(subjects: Subjects, name: str, shape: str) -> None:
    subjects.move(shape, 7)
    for contestant in ("reference", FLOOR):
        ready(subjects.timed(contestant, OPERATIONS[name]), limit=60)


def _reasons(rows: list[Row], contestant: str) -> list[str]:
    return [row.reason for row in rows if row.contestant == contestant]


class _Namespace:
    """The reference with some of its functions replaced."""

    def __init__(self, **replaced: Any) -> None:
        self._real = lookup.load("reference").namespace
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _backend(**replaced: Any) -> Backend:
    return dataclasses.replace(lookup.load("reference"), name="wrong", namespace=_Namespace(**replaced))


def _changed(result: Any) -> Any:
    """A result with one added to each of its numbers, or the function that gives such results."""
    if jax.tree.all(jax.tree.map(lambda leaf: leaf is result, result)) and callable(result):  # a transformed function
        return lambda *args, **kwargs: _changed(result(*args, **kwargs))
    return jax.tree.map(lambda x: x + 1 if hasattr(x, "dtype") and not is_key(x) else x, result)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("split", "split"),
        ("split-2", "split"),
        ("split-5", "split"),
        ("merge", "merge"),
        ("state", "state"),
        ("pop", "pop"),
        ("clone", "clone"),
        ("grad", "grad"),
        ("vmap", "vmap"),
        ("scan", "scan"),
        ("remat", "remat"),
        ("cond", "cond"),
        ("while", "while_loop"),
        ("jit-forward", "jit"),
        ("jit-forward:first", "jit"),
        ("jit-grad", "grad"),
        ("jit-train", "value_and_grad"),
    ],
)
def test_a_wrong_result_is_not_timed(name: str, function: str) -> None:
    real = getattr(lookup.load("reference"), function)
    nnx = _backend(**{function: lambda *args, **kwargs: _changed(real(*args, **kwargs))})
    rows = run({"wrong": nnx}, Plan((name,), ("blocks",), (7,), _LITTLE), lambda _: None)
    assert all(reason.startswith("check failed: ") for reason in _reasons(rows, "wrong")), rows
    assert not any(_reasons(rows, FLOOR))


def test_wrong_effects_and_structures_are_not_timed() -> None:
    real, count = lookup.load("reference"), itertools.count()
    wrong = {
        "update": _backend(update=lambda graph, state: real.update(graph, _changed(state))),
        "graphdef": _backend(graphdef=lambda graph: real.graphdef(real.Dict(a=graph))),
        "graphdef-hash": lookup.load("mutant:graphdef-hashes-identity"),
        "graphdef-eq": _backend(graphdef=lambda graph: real.graphdef(real.Dict({f"a{next(count)}": 1}))),
        "draw": lookup.load("mutant:draw-folds-next-count"),
    }
    for name, nnx in wrong.items():
        rows = run({"wrong": nnx}, Plan((name,), ("blocks",), (7,), _LITTLE), lambda _: None)
        assert all(reason.startswith(("check failed: ", "raises ")) for reason in _reasons(rows, "wrong")), rows


def test_one_that_fails_leaves_the_next_one_alone() -> None:
    nnx = lookup.load("mutant:pop-leaves-aliases")
    rows = run({"it": nnx}, Plan(("pop", "clone"), ("shared",), (7,), _LITTLE), lambda _: None)
    pop, clone = (row.reason for row in rows if row.contestant == "it")
    assert pop.startswith("check failed: ") and not clone


def test_stages_are_measured_together() -> None:
    names = tuple(name for name in OPERATIONS if name.startswith("jit-forward:"))
    told: list[str] = []
    rows = run({"reference": lookup.load("reference")}, Plan(names, ("blocks",), (5,), _LITTLE), told.append)
    assert len(told) == 1 and len(rows) == 8
    us = {row.operation.partition(":")[2]: row.figures["us"] for row in rows if row.contestant == "reference"}
    assert set(us) == {"trace", "lower", "compile", "first"}
    assert us["trace"] + us["lower"] + us["compile"] < us["first"]


def test_a_cap_is_told() -> None:
    plan = Plan(("jit-train",), ("blocks",), (501,), _LITTLE)
    rows = run({"reference": lookup.load("reference")}, plan, lambda _: None)
    (reason,) = {row.reason for row in rows}
    assert reason == "measured up to 500 Variables: XLA compiles for minutes, and takes gigabytes"


def _raises(graph: Any) -> Any:
    raise RecursionError("too deep\nfor me")


def test_reasons_are_one_line() -> None:
    rows = run({"wrong": _backend(clone=_raises)}, Plan(("clone",), ("blocks",), (5,), _LITTLE), lambda _: None)
    assert _reasons(rows, "wrong") == ["raises RecursionError: too deep for me"]


def test_what_a_backend_does_not_offer() -> None:
    try:
        nnx = lookup.load("jax")
    except BackendError as error:
        pytest.skip(str(error))
    told: list[str] = []
    rows = run({"jax": nnx}, Plan(("pop", "split"), ("shared",), (5,), _LITTLE), told.append)
    assert set(_reasons(rows, "jax")) == {
        "does not offer sharing: an object held at two places comes back as one object"
    }
    assert all("jax n/a, floor" in line for line in told)  # the reason stands below the table, once
    rows = run({"jax": nnx}, Plan(("split-2",), ("blocks",), (5,), _LITTLE), lambda _: None)
    assert _reasons(rows, "jax") == ["does not offer filters: the filter language"]


def _interrupted(graph: Any) -> Any:
    raise KeyboardInterrupt


def test_what_is_measured_is_handed_over_after_each_cell() -> None:
    seen: list[int] = []
    plan = Plan(("split", "clone"), ("blocks",), (5,), _LITTLE)
    run({"reference": lookup.load("reference")}, plan, lambda _: None, lambda rows: seen.append(len(rows)))
    assert seen == [2, 4]


def test_an_interrupt_keeps_what_is_measured() -> None:
    told: list[str] = []
    plan = Plan(("split", "clone", "observe"), ("blocks",), (5,), _LITTLE)
    rows = run({"wrong": _backend(clone=_interrupted)}, plan, told.append)
    assert {row.operation for row in rows} == {"split"} and all(row.figures for row in rows)
    assert told[-1] == "interrupted: 1 of 3 cells are measured"


def test_a_budget_ends_a_run() -> None:
    plan = dataclasses.replace(Plan(("split", "merge"), ("blocks",), (5,), _LITTLE), budget=0.0)
    rows = run({"reference": lookup.load("reference")}, plan, lambda _: None)
    assert {row.reason for row in rows} == {"the budget was used up"} and len(rows) == 4


def test_processor_time_leaves_out_waiting() -> None:
    def waiting(graph: Any) -> Any:
        time.sleep(0.03)
        return real.clone(graph)

    real = lookup.load("reference")
    plan = Plan(("clone",), ("blocks",), (5,), _LITTLE)
    nnx = _backend(clone=waiting)
    wall, cpu = (run({"it": nnx}, dataclasses.replace(plan, clock=clock), lambda _: None) for clock in ("wall", "cpu"))
    assert wall[0].figures["us"] > 30_000 > cpu[0].figures["us"] > 0


def test_stages_come_last() -> None:
    cells = [group[0].stage for _, _, group in Plan(("jit-empty:first", "split")).cells()]
    assert cells == sorted(cells) and cells[0] == "" and cells[-1] == "first"
