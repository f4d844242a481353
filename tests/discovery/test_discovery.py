"""Discovery and shrinking: within how many examples faults are found, and how small the witness becomes.

Searches are derandomised and of the profile default, so the figures are those of every machine. A bound that a change
of the generators breaks is a reason to look at the generators first, and to write another bound down last.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import pytest

from nnxspec.backends.mutants import FAULTS, load
from nnxspec.harness import profiles
from nnxspec.harness.example import example_source
from nnxspec.harness.search import Search, search
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import Script


class Found(NamedTuple):
    """What a search must come to.

    Args:
        mutant: name of the mutant.
        law: id of the law that searches.
        within: how many examples it may take until one fails.
        size: steps of the scripts and histories of the smallest example, at most.
    """

    mutant: str
    law: str
    within: int
    size: int


TABLE = (
    Found("clone-shares-numpy-arrays", "clone.deep", 70, 1),
    Found("split-forgets-shared-variables", "clone.isomorphic-disjoint", 180, 1),
    Found("filter-last-match-wins", "filter.first-match-wins", 20, 1),
    Found("of-type-exact-class", "filter.of-type", 20, 1),
    Found("empty-groups-dropped", "filter.partition", 10, 0),
    Found("path-in-by-prefix", "filter.path-in", 20, 1),
    Found("draw-folds-next-count", "fold.key-sequence", 10, 0),
    Found("split-forgets-shared-variables", "graph.history", 10, 2),
    Found("graphdef-ignores-metadata", "graphdef.discriminates", 10, 0),
    Found("graphdef-ignores-sharing", "graphdef.discriminates", 10, 0),
    Found("graphdef-confuses-one-and-true", "graphdef.static-type-aware", 10, 0),
    Found("duplicates-need-three-paths", "iter.find-duplicates", 20, 1),
    Found("iter-graph-parents-first", "iter.graph-post-order", 10, 1),
    Found("containers-are-no-modules", "iter.modules", 10, 0),
    Found("merge-accepts-extra-leaves", "merge.leaf-count", 10, 0),
    Found("dict-hides-underscores", "module.dict-model", 20, 1),
    Found("lists-equal-by-identity", "module.list-equality", 10, 0),
    Found("list-clear-keeps-first", "module.list-history", 40, 2),
    Found("list-insert-shifts-no-status", "module.list-mixed-content", 10, 1),
    Found("list-insert-negative", "module.list-model", 40, 1),
    Found("repr-follows-cycles", "module.repr-pure", 20, 1),
    Found("status-follows-value", "module.status-sticky", 20, 2),
    Found("pop-from-root-only", "pop.complete", 20, 1),
    Found("pop-leaves-aliases", "pop.complete", 140, 2),
    Found("fork-leaves-parent", "rng.history", 10, 2),
    Found("rewrapped-stream-restarts", "rng.no-key-reuse", 10, 0),
    Found("ordered-dict-sorted", "split.round-trip", 170, 1),
    Found("statuses-forgotten", "split.stable", 20, 1),
    Found("split-forgets-shared-variables", "split.state-shape", 170, 2),
    Found("merge-state-left-wins", "state.history", 10, 2),
    Found("state-difference-by-top-key", "state.history", 20, 2),
    Found("update-first-alias-wins", "update.alias-path", 10, 0),
    Found("update-not-atomic", "update.atomic", 10, 1),
    Found("update-forgets-metadata", "variable.metadata-history", 10, 1),
    Found("pickle-forgets-metadata", "variable.metadata-survives", 20, 1),
    Found("jax-forgets-metadata", "variable.pytree", 10, 0),
)
"""Faults of every kind of law: on graphs by script, on histories, and on plain data (whose size counts as 0)."""

WITNESSES = {
    ("split-forgets-shared-variables", "clone.isomorphic-disjoint"): """\
class Block(nnx.Module):
    pass


def make():
    m0 = Block()
    v1 = nnx.Param(jnp.array(0, 'float32'))
    v2 = nnx.Param(jnp.array(0, 'float32'))
    m0.a = nnx.data([v1, v2, v2])
    return m0


edits = ()
value = jnp.array(0, 'float32')
""",
    ("split-forgets-shared-variables", "graph.history"): """\
history = (('variable', 0, 'a', 0,), ('alias', 0, 'b', 0,),)
""",
    ("list-insert-negative", "module.list-model"): """\
kind = 'int'
start = 2
history = (('insert', -1, 0, 0,),)
""",
    ("repr-follows-cycles", "module.repr-pure"): """\
class Block(nnx.Module):
    pass


def make():
    m0 = Block()
    m0.a = m0
    return m0
""",
    ("status-follows-value", "module.status-sticky"): """\
history = (('set', 'a', 'array',), ('set', 'a', 'int',),)
""",
    ("pop-leaves-aliases", "pop.complete"): """\
class Block(nnx.Module):
    pass


def make():
    m0 = Block()
    v1 = nnx.Param(jnp.array(0, 'float32'))
    m0.a = v1
    m0.b = v1
    return m0


trees = (('type', nnx.Param),)
""",
    ("fork-leaves-parent", "rng.history"): """\
streams = (('params', 0,),)
history = (('fork', 0, 1,),)
""",
    ("ordered-dict-sorted", "split.round-trip"): """\
class Block(nnx.Module):
    pass


OrderedDict = collections.OrderedDict


def make():
    m0 = Block()
    v1 = nnx.Param(jnp.array(0, 'float32'))
    v2 = nnx.Param(jnp.array(0, 'float32'))
    v3 = nnx.Param(jnp.array(0, 'float32'))
    m0.a = nnx.data(OrderedDict({'c': v1, 'a': v2, 'b': v3}))
    return m0


filters = ()
""",
}
"""The smallest examples of some of them, as they are printed."""


@functools.cache
def searched(mutant: str, law: str) -> Search:
    """The search of a law against a mutant, as a default run makes it."""
    binding = load_all_bindings()[law]
    settings = profiles.settings_for("default", binding.scale, derandomize=True)
    small = profiles.small_scope("default", binding.law, binding.scale)
    return search(binding, load(mutant), settings, small=small)


def size(value: Any) -> int:
    """Steps of a script, or entries of a history."""
    if isinstance(value, Script):
        return len(value.steps)
    history = isinstance(value, tuple) and all(isinstance(entry, tuple) for entry in value)
    return len(value) if history else 0


def test_the_table_is_about_thirty_faults_that_there_are() -> None:
    assert len({found.mutant for found in TABLE}) >= 30
    assert {found.mutant for found in TABLE} <= set(FAULTS)
    assert set(WITNESSES) <= {(found.mutant, found.law) for found in TABLE}


@pytest.mark.parametrize("found", TABLE, ids=[f"{found.mutant}-{found.law}" for found in TABLE])
def test_the_fault_is_found_in_time_and_its_witness_is_small(found: Found) -> None:
    seen = searched(found.mutant, found.law)
    assert seen.failure is not None and seen.witness is not None, f"{found.law} lets {found.mutant} pass"
    assert not seen.flaky
    assert seen.first <= found.within, f"found after {seen.first} examples"
    came = sum(size(value) for value in seen.witness.values())
    assert came <= found.size, f"the witness has {came} steps: {seen.witness}"


@pytest.mark.parametrize(("mutant", "law"), WITNESSES, ids=["-".join(key) for key in WITNESSES])
def test_the_witness_is_printed(mutant: str, law: str) -> None:
    witness = searched(mutant, law).witness
    assert witness is not None
    assert example_source(witness, load(mutant)).rstrip() + "\n" == WITNESSES[mutant, law]
