"""The laws can fail: every mutant of the reference is caught by each of the laws that it names."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from nnxspec.backends.mutants import FAULTS, Fault, load
from nnxspec.backends.mutants.loader import namespace
from nnxspec.harness import profiles
from nnxspec.harness.search import search
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import BackendError, LawViolated

CASES = [(fault, law) for fault in FAULTS.values() for law in fault.laws]


@pytest.fixture(scope="module", autouse=True)
def bindings() -> Iterator[None]:
    load_all_bindings()
    yield


@pytest.mark.parametrize(("fault", "law"), CASES, ids=[f"{f.name}-{law}" for f, law in CASES])
def test_the_law_catches_the_mutant(fault: Fault, law: str) -> None:
    binding = load_all_bindings()[law]
    chosen = profiles.settings_for("default", binding.scale, derandomize=True)
    # To be found is enough here; what is found need not be shrunk.
    found = search(binding, load(fault.name), hypothesis.settings(chosen, phases=[hypothesis.Phase.generate]))
    assert isinstance(found.failure, LawViolated), f"{law} lets {fault.name} pass: {fault.wrong}"


def test_a_fault_that_no_longer_fits_says_so() -> None:
    stale = Fault("stale", "Its text is gone.", "pop", "no such text", "", ())
    with pytest.raises(BackendError, match="'stale' no longer fits the reference: its text occurs 0 times in pop.py"):
        namespace(stale)


def test_an_unknown_mutant_is_named() -> None:
    with pytest.raises(BackendError, match="unknown mutant 'pop-leaves-alias': did you mean 'pop-leaves-aliases'"):
        load("pop-leaves-alias")
