"""Backends unlike NNX: frozen graphs, no sharing, no metadata; and the libraries themselves, where installed."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

import jax
import pytest

from nnxspec.benchmarks.operations import OPERATIONS
from nnxspec.benchmarks.run import FLOOR, Plan, Row, Subjects, run, why_not
from nnxspec.benchmarks.subjects import NOT_OFFERED, Subject
from nnxspec.benchmarks.timing import Effort, ready
from nnxspec.harness import lookup
from nnxspec.spec import Backend, BackendError, Unsupported, validated

_LITTLE = Effort(seconds=0.0, fewest=1, most=1)
_CALLS = tuple(name for name, operation in OPERATIONS.items() if not operation.stage)
_NOT_JAX = "the carry of a loop of jax holds no references"


class Module:
    """Frozen dataclasses that are pytrees: fields are declared, and given once."""

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(frozen=True)(cls)
        names = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]  # it is one since the line above
        jax.tree_util.register_dataclass(cls, names, [])


class Variable(Module):
    """A value with a type; nothing writes it."""

    value: Any

    def get_value(self) -> Any:
        """The value."""
        return self.value

    get_raw_value = get_value


class Param(Variable):
    """A Variable that is a parameter."""

    value: Any


def _merge(structure: Any, leaves: Any) -> Any:
    return jax.tree.unflatten(structure, leaves)


def _frozen(merge: Any = _merge) -> Backend:
    namespace = types.SimpleNamespace(
        Module=Module,
        Variable=Variable,
        Param=Param,
        split=lambda graph: jax.tree.flatten(graph)[::-1],
        graphdef=jax.tree.structure,
        merge=merge,
        jit=jax.jit,
        grad=jax.grad,
        value_and_grad=jax.value_and_grad,
    )
    return validated(
        Backend(
            "frozen",
            namespace,
            capabilities=frozenset({"core", "unlabelled", "transform.arguments", "transform.jit", "transform.grad"}),
            attributes=lambda node: {name: value for name, value in vars(node).items() if value is not None},
            metadata=lambda variable: {},
        )
    )


def _rows(nnx: Backend, *operations: str, shapes: tuple[str, ...] = ("blocks",), size: int = 12) -> list[Row]:
    rows = run({nnx.name: nnx}, Plan(operations, shapes, (size,), _LITTLE), lambda _: None)
    return [row for row in rows if row.contestant != FLOOR]


@pytest.mark.parametrize("shape", ["blocks", "wide", "deep", "metadata"])
def test_a_frozen_graph_is_built_through_constructors(shape: str) -> None:
    subject = Subject(_frozen(), shape, 33)
    assert len(jax.tree.leaves(subject.graph)) == 33
    read = subject.body(0, subject.graph)
    assert [x.tolist() for x in read] == [x.tolist() for x in subject.leaves.values]
    assert len(subject.params(subject.graph)) == 33 and not subject.leaves.stats
    if shape == "wide":
        assert len(dataclasses.fields(subject.graph)) == 33


def test_what_a_frozen_backend_has_is_timed() -> None:
    there = (
        "split",
        "merge",
        "graphdef",
        "graphdef-hash",
        "graphdef-eq",
        "observe",
        "grad",
        "jit-forward",
        "jit-train",
    )
    rows = {row.operation: row for row in _rows(_frozen(), *there)}
    assert set(rows) == set(there) and not [row.reason for row in rows.values() if not row.figures]
    subject = ("every Variable is a Param", "Modules in the place of Lists", "without statics")
    assert all(row.notes == subject for name, row in rows.items() if name != "jit-train")
    assert rows["jit-train"].notes == (*subject, "a step returns a new graph")


def test_what_a_frozen_backend_has_not_is_told() -> None:
    rows = {row.operation: row.reason for row in _rows(_frozen(), "update", "pop", "clone", "draw", "vmap")}
    assert rows.pop("draw").startswith("does not offer rng.fold-in: ")
    assert rows.pop("pop") == "does not offer pop: taking leaves out of a Module"
    assert all(reason.startswith(NOT_OFFERED) for reason in rows.values())


def test_shapes_that_a_backend_cannot_have() -> None:
    rows = {row.shape: row for row in _rows(_frozen(), "split", shapes=("shared", "rngs", "metadata"))}
    assert rows["shared"].reason == "does not offer sharing: an object held at two places comes back as one object"
    assert rows["rngs"].reason == "does not offer rng.streams: named streams of random keys"
    assert rows["metadata"].figures and "without metadata" in rows["metadata"].notes


def test_a_wrong_result_of_a_frozen_backend_is_not_timed() -> None:
    wrong = _frozen(lambda structure, leaves: _merge(structure, leaves[::-1]))
    assert [row.reason for row in _rows(wrong, "merge")] == ["check failed: what comes back is another graph"]


_ALL = ("jax", "equinox", "penzai", "brainstate", "flax")
_SOME = ("split", "split-2", "grad", "jit-train")


@pytest.mark.parametrize(
    ("name", "operations"),
    [*((name, _CALLS) for name in _ALL), ("flax:tree", _SOME), ("flax:simple", _SOME)],
    ids=[*_ALL, "flax:tree", "flax:simple"],
)
def test_each_library_is_right_or_says_what_it_lacks(name: str, operations: tuple[str, ...]) -> None:
    try:
        subjects = Subjects({name: lookup.load(name)})
    except BackendError as error:
        pytest.skip(str(error))
    subjects.move("blocks", 7)
    lacks: dict[str, str] = {}
    for operation in operations:
        try:
            ready(subjects.timed(name, OPERATIONS[operation]), limit=60)
        except Unsupported as error:
            lacks[operation] = why_not(error)
    told = {operation: reason for operation, reason in lacks.items() if not reason.startswith(NOT_OFFERED)}
    assert told == ({"while": _NOT_JAX, "jit-while": _NOT_JAX} if name == "jax" else {})
    assert not lacks.keys() & {"split", "merge", "graphdef", "observe", "jit-empty", "jit-forward", "jit-train"}
    assert not lacks or not name.startswith("flax")
