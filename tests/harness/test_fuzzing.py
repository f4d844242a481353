"""HypoFuzz: laws become tests that it can drive, and what it finds lies where the law's own search looks."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.internal.reflection import function_digest

from nnxspec.harness import fuzzing
from nnxspec.harness.binding import Binding
from nnxspec.harness.search import inner_test
from nnxspec.spec import LawViolated

from . import odd

pytest_plugins = ["pytester"]

SUITE = """\
from typing import Any

from hypothesis import strategies as st
from nnxspec.harness.binding import bind
from nnxspec.spec import Eq, law
from nnxspec.spec.terms import MODULE

@law("odd.small", term=MODULE, needs=())
def small(nnx: Any, number: Any):
    \"\"\"Numbers are small.\"\"\"
    yield Eq(number < 1000, True)

@law("odd.lacking", term=MODULE, needs=(), uses=("no_such_name",))
def lacking(nnx: Any, number: Any):
    \"\"\"It is not there.\"\"\"
    yield Eq(nnx.no_such_name(number), number)

test_small = bind(small, number=st.integers())
test_lacking = bind(lacking, number=st.integers())

def test_of_another_kind():
    pass
"""


@pytest.fixture
def under_hypofuzz(monkeypatch: pytest.MonkeyPatch) -> None:
    """What HypoFuzz says while it collects; it need not be installed."""
    detection = types.SimpleNamespace(in_hypofuzz_run=lambda: True)
    monkeypatch.setitem(sys.modules, "hypofuzz", types.SimpleNamespace(detection=detection))
    monkeypatch.setitem(sys.modules, "hypofuzz.detection", detection)
    monkeypatch.setattr(fuzzing, "prepare", lambda: None)


def test_outside_of_hypofuzz_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hypofuzz.detection", raising=False)
    assert not fuzzing.fuzzed()


def test_a_failure_says_how_to_see_it_again() -> None:
    test = fuzzing.given(
        Binding(odd.violated, {"make": odd.graphs(*odd.PLAIN), "number": st.integers(4, 9)}), odd.session()
    )
    with pytest.raises(LawViolated) as caught:
        settings(database=None, derandomize=True)(test)()
    notes = " ".join(caught.value.__notes__)
    assert "Once more: " in notes and "odd.violated" in notes and '"number":4' in notes, notes


def test_what_is_found_is_where_the_search_looks() -> None:
    test: Any = fuzzing.given(Binding(odd.raises, {"number": st.integers()}), odd.session())
    test.hypothesis.inner_test._hypothesis_internal_add_digest = b"tests/test_odd.py::test_odd"  # as HypoFuzz does
    key = function_digest(inner_test(odd.raises, lambda inputs: None))
    assert function_digest(test.hypothesis.inner_test) == key
    database = InMemoryExampleDatabase()
    with pytest.raises(KeyError):
        settings(database=database, derandomize=False)(test)()  # whatever profile is loaded
    assert list(database.fetch(key))


class Collector:
    """Takes what is collected when HypoFuzz does."""

    items: list[pytest.Item]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def test_the_laws_are_collected(under_hypofuzz: None, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    seen = Collector()
    pytester.inline_run(
        "-p", "nnxspec.harness.plugin", "--collect-only", "-m=hypothesis", "-p", "no:cacheprovider", plugins=[seen]
    )
    assert [item.name for item in seen.items] == ["test_small", "test_lacking"]
    driven, left = seen.items
    assert isinstance(driven, pytest.Function) and isinstance(left, pytest.Function)
    assert not list(driven.iter_markers("skip")) and driven.obj.hypothesis.fuzz_one_input is not None
    (skip,) = left.iter_markers("skip")
    assert skip.kwargs["reason"] == "reference does not offer no_such_name"
