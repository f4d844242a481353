"""Each verdict from a law made for it; searches that are the same where they have to be."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

import pytest
from hypothesis.internal.reflection import function_digest

from nnxspec.harness import binding as registry
from nnxspec.harness import profiles, search, verdicts
from nnxspec.harness.verdicts import Record, judge
from nnxspec.spec import decode

from . import odd


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The odd laws are bound, so that they can be prerequisites, and the suite's registry is left alone."""
    monkeypatch.setattr(verdicts, "BINDINGS", {law.id: odd.binding(law) for law in odd.ODD})
    monkeypatch.setattr(verdicts, "load_all_bindings", lambda: registry.BINDINGS)


def verdict(law: Any, **changes: Any) -> Record:
    return judge(odd.binding(law), odd.session(**changes))


def test_holds() -> None:
    record = verdict(odd.holds)
    assert (record.verdict, record.examples, record.missing, record.script) == ("holds", 6, None, "")


def test_violated_with_the_smallest_witness() -> None:
    record = verdict(odd.violated)
    assert record.verdict == "violated"
    assert {name: decode(value) for name, value in (record.witness or {}).items()} == {"make": odd.EMPTY, "number": 4}
    assert (record.about, record.difference) == ("too many", "at the root: bool False expected, bool True came")
    assert (record.expected, record.came) == ("bool False", "bool True")
    assert record.traceback == "" and record.blocked_by == []


def test_error_with_traceback_from_the_law_on() -> None:
    record = verdict(odd.raises)
    assert (record.verdict, record.error) == ("error", "KeyError: 'no 4'")
    assert record.traceback.splitlines()[0] == "Traceback (most recent call last):"
    assert "in raises" in record.traceback.splitlines()[1]
    assert "hypothesis" not in record.traceback
    assert record.witness == {"number": 4}


def test_blocked_by_what_a_prerequisite_needs() -> None:
    session = odd.session()
    record = judge(odd.binding(odd.blocked), session)
    assert (record.verdict, record.blocked_by) == ("blocked", ["odd.broken"])
    assert record.difference == "at the root: int 0 expected, int 1 came"
    assert session.failing == {"odd.middle": False, "odd.broken": True}


def test_a_prerequisite_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = odd.session()
    session.failing["odd.broken"] = False
    assert judge(odd.binding(odd.blocked), session).verdict == "violated"


def test_a_law_that_holds_is_not_blocked() -> None:
    assert verdict(odd.middle).verdict == "holds"


@pytest.mark.parametrize("law", [odd.unsupported, odd.unsupported_inside], ids=lambda law: law.id)
def test_unsupported_names_what_is_missing(law: Any) -> None:
    record = verdict(law)
    assert (record.verdict, record.missing) == ("unsupported", "no_such_name")


def test_unsupported_on_some_examples_only() -> None:
    record = verdict(odd.unsupported_partly, profile="default")
    assert (record.verdict, record.missing) == ("holds", "no_such_name")
    assert 0 < record.unsupported < record.examples


def test_a_backend_that_does_not_repeat_itself() -> None:
    """A failure that cannot be seen again is still a failure, and the record says so."""
    calls = iter(range(10_000))
    backend = odd.reference()
    object.__setattr__(backend, "namespace", odd.namespace(split=lambda *_: next(calls)))

    @odd.law("odd.flaky", term=odd.MODULE, needs=())
    def flaky(nnx: Any, number: Any) -> Any:
        """The fifth call gives something else."""
        return odd.Eq(nnx.split(number) == 5, False)

    record = verdict(flaky, backend=backend)
    assert (record.verdict, record.flaky) == ("violated", True)


def test_a_backend_that_ends_the_process() -> None:
    def leave(*_: Any) -> None:
        raise SystemExit(3)

    @odd.law("odd.leaves", term=odd.MODULE, needs=())
    def leaves(nnx: Any, number: Any) -> Any:
        """The backend leaves."""
        return odd.Eq(nnx.split(number), 1)

    backend = odd.reference()
    object.__setattr__(backend, "namespace", odd.namespace(split=leave))
    assert verdict(leaves, backend=backend).error == "RuntimeError: the backend ended the process: SystemExit(3)"


def test_an_example_is_tried_once_and_not_searched() -> None:
    record = verdict(odd.violated, example={"make": odd.EMPTY, "number": 7})
    assert (record.verdict, record.examples, record.witness and record.witness["number"]) == ("violated", 1, 7)
    assert verdict(odd.violated, example={"make": odd.EMPTY, "number": 1}).verdict == "holds"


def tried(law: Any, **options: Any) -> list[int]:
    """The numbers on which a law is tried, in order."""
    seen: list[int] = []

    @odd.law(law.id, term=law.term, needs=())
    def spy(nnx: Any, number: Any) -> Any:
        """It looks on."""
        seen.append(number)
        return odd.Eq(0, 0)

    seed = options.pop("seed", None)
    settings = profiles.settings_for("default", 1.0, derandomize=seed is None)
    search.search(odd.binding(spy), odd.reference(), settings, seed)
    return seen


def test_derandomised_searches_depend_on_the_law_alone() -> None:
    assert tried(odd.holds) == tried(odd.holds)
    assert tried(odd.holds) != tried(odd.refused)


def test_a_seed_decides_the_search() -> None:
    assert tried(odd.holds, seed=1) == tried(odd.holds, seed=1)
    assert tried(odd.holds, seed=1) != tried(odd.holds, seed=2)


def test_database_keys_come_from_the_id_and_nothing_else() -> None:
    """So they are the same in a checkout, in a wheel and in every worker, and survive our edits."""
    test = search.inner_test(odd.holds, lambda inputs: None)
    with pytest.raises(OSError):
        inspect.getsource(test)
    expected = hashlib.sha384(
        b"search<Signature (inputs)>" + hashlib.sha256(b"nnxspec law odd.holds").digest()
    ).digest()
    assert function_digest(test) == expected


def test_profiles_and_scale() -> None:
    def examples(profile: str, scale: float = 1.0) -> int:
        return profiles.settings_for(profile, scale, derandomize=False).max_examples

    assert [examples(name) for name in profiles.PROFILES] == [6, 50, 500]
    assert [examples("quick", 0.05), examples("default", 0.2), examples("default", 2.0)] == [2, 10, 100]
    chosen = profiles.settings_for("quick", 1.0, derandomize=True)
    assert chosen.deadline is None and chosen.derandomize and chosen.database is None
    assert profiles.settings_for("quick", 1.0, derandomize=False).derandomize is False
