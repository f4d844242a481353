"""Stand-alone scripts: they run under plain Python, and say what the law says."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from nnxspec.harness import lookup, profiles
from nnxspec.harness.example import law_source
from nnxspec.harness.search import replay
from nnxspec.harness.standalone import standalone
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import LawViolated, Script, Step
from nnxspec.spec.laws import LAWS

from . import odd

BINDINGS = load_all_bindings()


def run(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script as a user would, away from the checkout and without anything of ours on the path."""
    path.write_text(script, encoding="utf-8")
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"JAX_PLATFORMS": "cpu"}
    command = [sys.executable, path.name]
    return subprocess.run(command, cwd=path.parent, env=environ, capture_output=True, text=True, check=False)


def test_a_script_shows_a_violation_in_the_library_alone(tmp_path: Path) -> None:
    pytest.importorskip("flax")
    backend = lookup.load("flax")
    inputs: dict[str, Any] = {"make": Script(1, (Step("variable"), Step("alias"))), "number": 4}
    script = standalone(odd.violated, inputs, backend)
    assert "nnxspec" not in "".join(line for line in script.splitlines() if line.startswith(("import", "from")))
    done = run(script, tmp_path / "violated.py")
    assert done.returncode == 1
    assert "AssertionError: odd.violated: left equals right (too many)" in done.stderr
    assert "at the root: bool False expected, bool True came" in done.stderr
    inputs["number"] = 3
    done = run(standalone(odd.violated, inputs, backend), tmp_path / "holds.py")
    assert (done.returncode, done.stdout) == (0, "odd.violated holds on this example\n")


def outcome_in_process(script: str) -> str:
    module = types.ModuleType("nnxspec_standalone_test")
    sys.modules[module.__name__] = module
    try:
        exec(compile(script, "<script>", "exec"), vars(module))
        module.main()
    except Exception as error:
        return f"{type(error).__name__} {error}"
    return ""


# A few laws that differ in what a script has to bring along: filters, walks, refusals, several helpers.
CHOSEN = [
    name
    for name in ("graph.build-observe", "split.round-trip", "split.state-groups", "state.split-merge", "pop.partition")
    if name in BINDINGS
]


@pytest.mark.parametrize("name", CHOSEN)
def test_scripts_agree_with_the_check(name: str) -> None:
    backend = lookup.load("reference")
    binding = BINDINGS[name]

    @settings(profiles.small_pass(), max_examples=3)
    @given(binding.inputs)
    def agree(inputs: Mapping[str, Any]) -> None:
        failure = replay(binding.law, backend, inputs).failure
        came = outcome_in_process(standalone(binding.law, inputs, backend))
        if failure is None:
            assert came == ""
        elif isinstance(failure, LawViolated):
            assert came.startswith("AssertionError ") and failure.violation.difference in came
        else:
            assert came == f"{type(failure).__name__} {failure}"

    agree()


def test_a_script_is_readable() -> None:
    """Example and law come first and as they are, the machinery after them."""
    script = standalone(odd.violated, {"make": odd.EMPTY, "number": 4}, odd.reference())
    example, law, library, judging = (
        script.index(f"\n# {title}\n")
        for title in (
            "The example",
            "The law",
            "The library, and what the law has to know of it",
            "How the law's claims are judged",
        )
    )
    assert example < script.index("\nnumber = 4\n") < law < script.index(law_source(odd.violated)) < library < judging
    assert script.index("LIMIT = 3") < judging and script.index("def too_many") < judging
    assert script.endswith('if __name__ == "__main__":\n    main()\n')


def test_every_law_can_be_printed() -> None:
    """A law may refer only to what can be copied: plain functions, classes and constants, imported by name."""
    backend = lookup.load("reference")
    for law in LAWS:
        script = standalone(law, dict.fromkeys(law.inputs, 0), backend)
        compile(script, law.id, "exec")


def test_a_function_imported_under_another_name_meets_a_local_variable_of_its_own() -> None:
    """``from x import mesh as mesh_of`` and then ``mesh = mesh_of(...)``."""
    binding = BINDINGS["sharding.update"]
    script = standalone(binding.law, dict.fromkeys(binding.law.inputs, 0), lookup.load("reference"))
    assert "mesh_of = mesh\n" in script and "mesh = mesh_of(shape)" in script


def test_a_law_that_takes_the_claims_of_another() -> None:
    law = BINDINGS["trace.structure-changes-rejected"].law
    script = standalone(law, dict.fromkeys(law.inputs, 0), lookup.load("reference"))
    assert "def variable_writes_rejected(" in script and "@law" not in script
