"""The page of all laws is what the laws say, and every law is tested under its own name."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import nnxspec.properties
from nnxspec.harness.catalogue import markdown
from nnxspec.spec.laws import LAWS

PAGE = Path(__file__).resolve().parents[2] / "spec" / "LAWS.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "write it anew: nnxspec laws --markdown > spec/LAWS.md"


def test_ids_are_unique_and_prerequisites_exist() -> None:
    ids = [law.id for law in LAWS]
    assert len(ids) == len(set(ids))
    assert not {need for law in LAWS for need in law.needs} - set(ids)


def test_every_law_is_bound_once_under_its_own_name() -> None:
    bound = []
    for module in pkgutil.walk_packages(nnxspec.properties.__path__, "nnxspec.properties."):
        if ".test_" in module.name:
            found = vars(importlib.import_module(module.name))
            bound += [(name, test.binding.law.id) for name, test in found.items() if hasattr(test, "binding")]
    expected = [("test_" + law.id.replace(".", "_").replace("-", "_"), law.id) for law in LAWS]
    assert sorted(bound) == sorted(expected)
