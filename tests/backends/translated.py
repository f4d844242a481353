"""What the tests of translated libraries share: verdicts on a few laws, the share of laws that apply, findings."""

from __future__ import annotations

import runpy
from pathlib import Path

from nnxspec.harness.session import Session
from nnxspec.harness.verdicts import binding_of, judge
from nnxspec.spec import Backend
from nnxspec.spec.laws import LAWS


def verdicts(backend: Backend, *names: str) -> dict[str, str]:
    """The verdict on each law, by its id."""
    found = {}
    for name in names:
        binding = binding_of(name)
        assert binding is not None, name
        session = Session(backend, backend.name, profile="quick", derandomize=True)
        found[name] = judge(binding, session).verdict
    return found


def shares(backend: Backend) -> tuple[int, int]:
    """How many laws ask for nothing that the backend lacks, and how many there are."""
    return sum(backend.missing(law.uses) is None for law in LAWS), len(LAWS)


def finding_fails(path: Path) -> bool:
    """Whether a stand-alone script fails with its assertion."""
    try:
        runpy.run_path(str(path))
    except AssertionError:
        return True
    return False
