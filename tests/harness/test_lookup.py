"""From what a user types to a backend, and the one line that is told when there is none."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from pathlib import Path

import pytest

from nnxspec.harness import lookup
from nnxspec.spec import BackendError

NAMESPACE = """\
from nnxspec.reference_impl import *
from nnxspec.reference_impl import Module, Param, Variable, merge, split

__version__ = "7"
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes an adapter into a folder from which it can be imported, and gives its module's name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written: list[str] = []

    def write(source: str) -> str:
        name = f"nnxspec_test_adapter_{len(written)}"
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_our_own_backends_need_no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: ())
    assert {"reference", "flax"} <= set(lookup.known())
    assert lookup.load("reference").name == "reference"


def test_a_module_is_a_namespace(write) -> None:
    name = write(NAMESPACE)
    backend = lookup.load(name)
    assert (backend.name, backend.version, backend.imports) == (name, "7", f"import {name} as nnx")
    assert backend.offers("sharing") is False and backend.offers("core")


def test_a_module_with_load_is_asked(write) -> None:
    name = write("from nnxspec.backends.reference import load as _load\n\ndef load():\n    return _load()\n")
    assert lookup.load(name).name == "reference"
    assert lookup.load(f"{name}:load").name == "reference"


def test_an_attribute_may_be_a_backend_or_a_namespace(write) -> None:
    name = write(
        f"{NAMESPACE}\nimport sys\nfrom nnxspec.backends.reference import load\n\nready = load()\n"
        "class inner:\n    names = sys.modules[__name__]\n"
    )
    assert lookup.load(f"{name}:ready").name == "reference"
    backend = lookup.load(f"{name}:inner.names")
    assert backend.imports == f"import {name}\nnnx = {name}.inner.names"


def test_registered_backends_are_found(write, monkeypatch: pytest.MonkeyPatch) -> None:
    name = write(NAMESPACE)
    entry = importlib.metadata.EntryPoint("mine", name, lookup.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: (entry,) if group == lookup.GROUP else ())
    assert lookup.load("mine").version == "7"
    assert ("mine", "7") in [(each.name, text) for each, text in lookup.describe()]


@pytest.mark.parametrize(
    ("source", "attribute", "told"),
    [
        ("1 / 0\n", "", "importing MODULE fails with ZeroDivisionError: division by zero; see where with: python -c"),
        ("import no_such_library\n", "", "fails with ModuleNotFoundError: No module named 'no_such_library'"),
        (f"{NAMESPACE}del split\n", "", "has no 'split': a backend is a namespace with NNX's public names"),
        ("x = 1\n", "", "has no 'Module'"),
        ("x = 1\n", ":y", "MODULE has no 'y'"),
        ("def load():\n    return None\n", ":load", "load() returned None instead of a Backend"),
        ("def load():\n    raise OSError('no disk')\n", "", "MODULE fails with OSError: no disk"),
        (
            f"{NAMESPACE}__nnx_capabilities__ = ('core', 'pop')\ndel pop\n",
            "",
            "claims the capability 'pop' but has no 'pop'",
        ),
        (
            f"{NAMESPACE}__nnx_capabilities__ = ('core', 'magic')\n",
            "",
            "claims the unknown capability 'magic'; known: core",
        ),
    ],
)
def test_bad_modules_are_told_in_one_line(write, source: str, attribute: str, told: str) -> None:
    name = write(source)
    with pytest.raises(BackendError) as caught:
        lookup.load(name + attribute)
    text = str(caught.value)
    assert told.replace("MODULE", name) in text and name in text
    assert "\n" not in text


def test_mutants_have_a_prefix() -> None:
    mutants = importlib.import_module(f"{lookup.GROUP}.mutants")
    name = next(iter(mutants.FAULTS))
    assert lookup.load(f"mutant:{name}").name == f"mutant:{name}"
    with pytest.raises(BackendError, match="unknown mutant 'nothing'"):
        lookup.load("mutant:nothing")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("refrence", "unknown backend 'refrence': did you mean 'reference'?"),
        ("no_such_module:load", "no module 'no_such_module' can be found"),
        ("not a name", "'not a name' is no backend: give a name ("),
        ("json:", "'json:' is no backend"),
        ("", "'' is no backend"),
    ],
)
def test_unknown_names_are_told_in_one_line(named: str, told: str) -> None:
    with pytest.raises(BackendError) as caught:
        lookup.load(named)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flax.nnx", None)
    monkeypatch.setitem(sys.modules, "flax", None)
    with pytest.raises(BackendError, match=r"pip install 'nnxspec\[flax\]'"):
        lookup.load("flax")
    texts = {each.name: text for each, text in lookup.describe()}
    assert "pip install 'nnxspec[flax]'" in texts["flax"]
