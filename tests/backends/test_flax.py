"""flax as a backend: its modes are in force where they belong, and names of older releases are translated."""

from __future__ import annotations

import importlib
import runpy
from pathlib import Path

import pytest

from nnxspec.harness import lookup
from nnxspec.harness.standalone import standalone
from nnxspec.spec import BackendError, LawViolated, Script, Step, check
from nnxspec.spec.laws import LAWS

flax = pytest.importorskip("flax", reason="flax is not installed: pip install 'nnxspec[flax]'")
nnx = importlib.import_module("flax.nnx")
MODES = hasattr(nnx, "set_graph_updates")
needs_modes = pytest.mark.skipif(not MODES, reason="this release of flax has no modes")
FLAGS = {"flax": (True, True), "flax:simple": (True, False), "flax:tree": (False, False)}
by_id = {law.id: law for law in LAWS}
SHARED = Script(0, (Step("variable"), Step("alias", (0, 1, 0))))


def flags() -> tuple[bool, bool]:
    return flax.config.nnx_graph_mode, flax.config.nnx_graph_updates


@needs_modes
@pytest.mark.parametrize("name", FLAGS)
def test_a_mode_is_in_force_inside_and_not_outside(name: str) -> None:
    before = flags()
    backend = lookup.load(name)
    assert backend.name == name and flags() == before
    with backend.around():
        assert flags() == FLAGS[name]
        assert (nnx.set_graph_mode.current_value(), nnx.set_graph_updates.current_value()) == FLAGS[name]
    assert flags() == before
    with pytest.raises(ZeroDivisionError), backend.around():
        raise ZeroDivisionError
    assert flags() == before


@needs_modes
def test_an_example_runs_in_its_mode() -> None:
    seen = []
    law = by_id["graph.build-observe"]
    watched = law.__class__(law.id, law.term, law.level, lambda nnx, make: seen.append(flags()) or law.check(nnx, make))
    for name in FLAGS:
        check(watched, lookup.load(name), {"make": Script()})
    assert seen == list(FLAGS.values())


@needs_modes
def test_modes_lack_what_flax_documents_them_to_lack() -> None:
    default, simple, tree = (lookup.load(name) for name in FLAGS)
    assert simple.capabilities < default.capabilities and tree.capabilities < simple.capabilities
    assert simple.offers("sharing") and not tree.offers("sharing")
    assert not simple.offers("transform.structure")
    case = {"make": SHARED, "filters": ()}
    for backend in (default, simple, tree):  # in tree mode the script is without sharing
        try:
            check(by_id["split.round-trip"], backend, case)
        except LawViolated as error:
            pytest.fail(f"{backend.name}: {error}")


@needs_modes
@pytest.mark.parametrize("name", FLAGS)
def test_a_script_puts_its_mode_in_force(name: str, tmp_path: Path) -> None:
    before = flags()
    text = standalone(by_id["split.round-trip"], {"make": SHARED, "filters": ()}, lookup.load(name))
    assert "import nnxspec" not in text and "from nnxspec" not in text
    try:
        (tmp_path / "script.py").write_text(text, encoding="utf-8")
        runpy.run_path(str(tmp_path / "script.py"), run_name="__main__")
        assert flags() == FLAGS[name]
    finally:
        for flag, value in zip(("nnx_graph_mode", "nnx_graph_updates"), before, strict=True):
            flax.config.update(flag, value)


@pytest.mark.skipif(MODES, reason="this release of flax has modes")
@pytest.mark.parametrize("name", ["flax:simple", "flax:tree"])
def test_a_release_without_modes_says_so(name: str) -> None:
    with pytest.raises(BackendError, match=f"does not have the mode of '{name}': pip install"):
        lookup.load(name)


def test_variants_are_names_of_their_own() -> None:
    assert {"flax", "flax:simple", "flax:tree"} <= set(lookup.known())
    with pytest.raises(BackendError, match="flax has no 'nothing'; flax is also known as flax:simple, flax:tree"):
        lookup.load("flax:nothing")


def test_variables_have_the_methods_of_the_newest_release() -> None:
    backend = lookup.load("flax")
    variable = backend.Param(1, note="x")
    variable.set_value(2)
    variable.set_metadata(note="y")
    assert (variable.get_value(), variable.get_raw_value(), backend.metadata(variable)) == (2, 2, {"note": "y"})
    assert backend.offers("core")


def test_a_script_for_this_release_needs_nothing_of_ours(tmp_path: Path) -> None:
    text = standalone(by_id["split.round-trip"], {"make": SHARED, "filters": ()}, lookup.load("flax"))
    assert "import nnxspec" not in text and "from nnxspec" not in text
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    runpy.run_path(str(tmp_path / "script.py"), run_name="__main__")
