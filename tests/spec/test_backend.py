"""The Backend: its protocol in parts, its capabilities, and what an unfit one is told."""

from __future__ import annotations

import dataclasses

import pytest

from nnxspec.backends import reference
from nnxspec.spec import CAPABILITIES, BackendError, Unsupported, validated
from nnxspec.spec.laws import LAWS
from nnxspec.spec.protocols import PARTS, names_of

EXTRA = {"Object", "Linear", "Dropout", "set_graph_mode"}
"""Public names on which a capability rests and that no part of the protocol lists: optional or of another mode."""


def test_capabilities_rest_on_names_of_the_protocol() -> None:
    listed = {name for part in PARTS for name in names_of(part)} | EXTRA
    assert {name.partition(".")[0] for c in CAPABILITIES.values() for name in c.names} <= listed


def test_the_reference_offers_every_name_of_the_protocol() -> None:
    backend = reference.load()
    assert [name for part in PARTS for name in names_of(part) if not backend.has(name)] == ["make_jaxpr"]


def test_what_laws_use_is_a_capability_or_a_name_of_the_reference() -> None:
    backend = reference.load()
    tree = {name for law in LAWS if "tree" in law.tags for name in law.uses}
    assert {name for law in LAWS for name in law.uses if name not in CAPABILITIES and not backend.has(name)} <= tree


def test_a_capability_that_does_not_exist_is_named() -> None:
    with pytest.raises(BackendError, match="unknown capability 'telepathy'"):
        validated(dataclasses.replace(reference.load(), capabilities=frozenset({"core", "telepathy"})))


def test_a_capability_without_its_names_is_named() -> None:
    lame = dataclasses.replace(reference.load(), names={"pop": "not_there"})
    with pytest.raises(BackendError, match="claims the capability 'pop' but has no 'pop'"):
        validated(lame)


def test_a_missing_name_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="does not offer 'teleport'"):
        _ = reference.load().teleport
