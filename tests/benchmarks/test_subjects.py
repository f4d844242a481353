"""Subjects: scripts of any length, elaborated as the script language does it, with as many Variables as they say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nnxspec.benchmarks.elaboration import elaborate_long
from nnxspec.benchmarks.scripts import SHAPES, program, script
from nnxspec.benchmarks.subjects import Leaves, Subject, missing, tokens
from nnxspec.harness import lookup
from nnxspec.spec.observation import walk
from nnxspec.spec.script import decode, elaborate, elaborate_program, encode


@pytest.mark.parametrize("size", [2, 5, 23, 50])
@pytest.mark.parametrize("shape", SHAPES)
def test_long_elaboration_gives_the_same_text(shape: str, size: int) -> None:
    found = elaborate_long(script(shape, size))
    assert found.make == elaborate(script(shape, size)).source()
    body = elaborate_program(program(shape, size)).body
    assert found.body.splitlines()[1:] == [f"    {line}" for line in body]


@pytest.mark.parametrize("shape", SHAPES)
def test_limits_of_a_backend_are_kept(shape: str) -> None:
    limits = frozenset({"variable-types", "metadata"})
    assert elaborate_long(script(shape, 23), limits).make == elaborate(script(shape, 23), limits).source()


@pytest.mark.parametrize("size", [5, 23])
@pytest.mark.parametrize("shape", ["blocks", "wide", "deep", "metadata"])
def test_graphs_are_built_from_their_parts_where_nothing_is_added_later(shape: str, size: int) -> None:
    """As the script language does it, but that a class has as many fields as its nodes use, be they more than 7."""
    found = elaborate_long(script(shape, size), {"later-parts"})
    plain = elaborate(script(shape, size), {"later-parts"}).source()
    if not {int(n) for n in re.findall(r"class Cell(\d+)", found.classes)} - set(range(8)):
        assert re.sub(r"Cell\d+", "Cell", found.make) == plain
    else:
        assert len(re.findall(r"nnx\.(?:Param|BatchStat)\(", found.make)) == size
    assert "setattr" not in found.make and not re.search(r"^ +\w+\.\w+ =", found.make, re.M)


def test_what_limits_take_out_is_noted() -> None:
    def notes(shape: str, *limits: str) -> set[str]:
        return set(elaborate_long(script(shape, 23), limits).notes)

    assert notes("blocks") == notes("wide", "metadata", "later-parts", "list-nodes") == set()
    assert notes("blocks", "later-parts") == {"Modules in the place of Lists", "without statics"}
    assert notes("metadata", "metadata") == {"without metadata"}
    assert notes("deep", "variable-types", "no-label") == {"every Variable is a Param", "every Variable has a label"}


def test_a_subject_is_a_script() -> None:
    subject = program("blocks", 12)
    assert decode(encode(subject)) == subject
    assert script("rngs", 50) == script("rngs", 50) and script("rngs", 50) != script("rngs", 51)


@pytest.mark.parametrize("size", [2, 5, 11, 60])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_graph_has_as_many_variables_as_its_size(shape: str, size: int) -> None:
    nnx = lookup.load("reference")
    subject = Subject(nnx, shape, size)
    variables = {id(visit.value) for visit in walk(nnx, subject.graph) if isinstance(visit.value, nnx.Variable)}
    assert len(variables) == size == len(subject.leaves.all) == len(Leaves(shape, size).all)
    assert tokens(nnx.state(subject.graph)) == tokens(subject.leaves.all)
    read = subject.body(0, subject.graph)
    assert sorted(map(str, read)) == sorted(map(str, subject.leaves.values))


def test_shapes_are_what_they_say() -> None:
    nnx = lookup.load("reference")
    depth = max(len(visit.path) for visit in walk(nnx, Subject(nnx, "deep", 60).graph))
    assert depth >= 60
    shared = Subject(nnx, "shared", 20)
    held: dict[int, int] = {}
    for node in nnx.iter_modules(shared.graph):
        for value in vars(node[1]).values():
            held[id(value)] = held.get(id(value), 0) + isinstance(value, nnx.Variable)
    assert [n for n in held.values() if n] == [2] * 20
    assert nnx.state(Subject(nnx, "metadata", 5).graph)
    assert all(v.get_metadata("tag") == "u" for _, v in nnx.to_flat_state(nnx.state(Subject(nnx, "metadata", 5).graph)))


def test_values_are_exact_and_of_one_shape() -> None:
    leaves = Leaves("blocks", 50)
    assert len(leaves.stats) == 5
    assert all(x.shape == (2,) and np.all(np.asarray(x) == np.asarray(x).astype(int)) for x in leaves.values)


def test_what_a_backend_lacks_is_named() -> None:
    assert missing(lookup.load("reference"), "shared", ("split",)) is None
    assert missing(lookup.load("reference"), "blocks", ("no_such_name",)) == "does not offer no_such_name"
