"""The coverage table: what the laws' programs reach, and that it counts what really happens."""

from __future__ import annotations

import pytest

from nnxspec.harness import coverage
from nnxspec.harness.binding import Binding
from nnxspec.harness.cli import main
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import Program, Script, Step
from nnxspec.spec.coverage import FACTORS, cells, values, wanted

LAWS = ("transform.transparent", "transform.nested", "transform.metadata-propagates")


def bindings() -> list[Binding]:
    found = load_all_bindings()
    return [found[name] for name in LAWS]


def test_the_default_profile_has_no_holes() -> None:
    """Every pair, with one transform and with two: the examples tried before the search see to it."""
    seen = coverage.measure(bindings(), "default")
    assert seen.holes(1) == []
    assert seen.holes(2) == []


def test_three_transforms_are_sampled() -> None:
    seen = coverage.measure(bindings()[1:2], "default")
    filled = [cell for cell in wanted(3) if seen.counts.get(cell)]
    kinds = {value for cell in filled for value in cell[1:]}
    assert kinds >= set(FACTORS["transform"]) | set(FACTORS["aliasing"])


def test_the_quick_profile_spreads_what_it_tries() -> None:
    seen = coverage.measure(bindings()[:2], "quick")  # its few examples, of the laws on one transform and on several
    kinds = {cell[2] for cell in seen.counts if cell[1].startswith("effect:") and cell[2] in FACTORS["transform"]}
    assert len(kinds) > 3


def test_what_does_not_happen_is_not_counted() -> None:
    """A step without anything to work on vanishes, and an alias is one only if the arguments reach it."""
    program = Program(Script(0, (Step("variable"),)), (0, 0), (Step("draw"), Step("add")))
    found = values((("jit",), ("vmap", 2, (0, None))), program)
    assert found["effect"] == {"effect:add"}
    assert found["aliasing"] == {"alias:across"}
    assert found["axis"] == {"vmap axis 0"}, "both arguments are one group"
    assert ("in a pair, outer and inner", "jit", "vmap") in set(cells((("jit",), ("vmap", 2, (0,))), program))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["laws", "--coverage", "--profile", "quick", "transform.metadata-propagates"]) == 0
    assert "effect x transform" in capsys.readouterr().out
    assert main(["laws", "--coverage", "--profile", "nope"]) == 2
    assert "unknown profile 'nope'" in capsys.readouterr().err
