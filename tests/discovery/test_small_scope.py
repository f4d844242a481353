"""Small scope: which scripts are enumerated, and that a search begins with them."""

from __future__ import annotations

import pytest

from nnxspec.backends.mutants import load
from nnxspec.harness import profiles
from nnxspec.harness.search import search
from nnxspec.harness.small_scope import FIRST, Scope, first_steps, sample, scope_of, scripts, small_examples
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.properties.strategies import PLAIN, TREES, graphs
from nnxspec.spec import elaborate
from nnxspec.spec.script import OPERATIONS


@pytest.mark.parametrize("scope", [Scope(PLAIN), Scope(TREES), Scope((), 0)])
def test_no_two_scripts_are_one_program(scope: Scope) -> None:
    found = [*(script for size in range(3) for script in scripts(scope, size)), *first_steps(scope)]
    programs = [elaborate(script).lines for script in found]
    assert len(set(programs)) == len(programs)
    assert all(script.without == scope.without for script in found)


def test_every_kind_of_step_occurs() -> None:
    assert {step.name for step in FIRST} == set(OPERATIONS)
    two = {step.name for script in scripts(Scope(), 2) for step in script.steps}
    assert two == set(OPERATIONS) - {"swap"}, "an exchange needs two things that were attached before"


def test_scripts_come_in_order_of_size() -> None:
    binding = load_all_bindings()["graph.build-observe"]
    sizes = [len(example["make"].steps) for example in small_examples(binding, 2, False)]
    assert sizes == sorted(sizes)
    assert set(sizes) == {0, 1, 2}


def test_limits_and_roots_of_a_strategy_are_kept() -> None:
    assert scope_of(graphs("values", root=2)) == Scope(("values",), 2)
    assert scope_of(graphs("values") | graphs("nan")) == Scope(("values",))
    assert scope_of(graphs("values").map(lambda script: script)) is None


def test_other_inputs_go_round_a_fixed_sample() -> None:
    binding = load_all_bindings()["graph.write-through-alias"]
    values = [example["value"] for example in small_examples(binding, 1, False)]
    assert set(values) == {example["value"] for example in sample(binding, 12)}


def test_costly_laws_have_a_smaller_scope() -> None:
    law = load_all_bindings()["split.round-trip"].law
    steps = [profiles.small_scope("thorough", law, scale)[0] for scale in (1.0, 0.5, 0.1)]
    assert steps == [3, 2, 1]
    assert profiles.small_scope("quick", law, 0.1)[0] < 0


def test_what_the_small_scope_finds_is_smallest_without_any_random_search() -> None:
    binding = load_all_bindings()["iter.graph-post-order"]
    found = search(binding, load("iter-graph-parents-first"), profiles.small_pass(), small=(1, False))
    assert found.witness is not None
    assert len(found.witness["make"].steps) == 1
