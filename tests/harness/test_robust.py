"""Backends that hang, print, lie, lack names or change their mind: what a run makes of them in one process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnxspec.harness import budget, journal, lookup, report, watch
from nnxspec.harness.binding import Binding
from nnxspec.harness.deviations import digest_of
from nnxspec.harness.failure import message
from nnxspec.harness.judging import judged
from nnxspec.harness.search import try_once
from nnxspec.harness.session import Session
from nnxspec.harness.verdicts import ERROR, HOLDS, UNSTABLE, UNSUPPORTED, VIOLATED, Record, load_all_bindings
from nnxspec.spec import BackendError, Eq, law
from nnxspec.spec.claims import Claims
from nnxspec.spec.laws import LAWS
from nnxspec.spec.terms import MODULE

from . import odd_backends
from .odd import NUMBERS, reference

BINDINGS = load_all_bindings()


@law("odd.calls", term=MODULE, needs=())
def calls(nnx: Any, number: Any) -> Claims:
    """Whatever a backend does in merge happens from four on."""
    if number > 3:
        nnx.merge(number)
    yield Eq(number, number)


@law("odd.violated-then-hangs", term=MODULE, needs=())
def violated_then_hangs(nnx: Any, number: Any) -> Claims:
    """Nine is eight, and every smaller number hangs."""
    if number < 9:
        nnx.merge(number)
    yield Eq(number, 8)


def bound(odd: Any, first: tuple[int, ...] = ()) -> Binding:
    return Binding(odd, {"number": NUMBERS}, tried_first=lambda _: [{"number": number} for number in first])


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[watch.Watch]:
    """Examples may take half a second, and a journal is kept."""
    made = watch.Watch(0.5, journal.Journal(tmp_path / "journal" / "1-main.json"))
    watch.use_watch(made)
    yield made
    made.close()
    watch.use_watch(None)
    assert not list((tmp_path / "journal").glob("*"))


def judge(backend: Any, binding: Binding, **changes: Any) -> Record:
    session = Session(backend, backend.name, profile="quick", derandomize=True, **changes)
    return judged(binding, session)


def of_merge(vice: Any) -> Any:
    return odd_backends._with("odd", merge=vice)


def test_an_endless_loop_is_interrupted(limited: watch.Watch) -> None:
    binding = bound(calls, (0, 3, 7, 1))
    record = judge(of_merge(lambda _: odd_backends._loop()), binding)
    assert (record.verdict, record.witness, record.examples) == (ERROR, {"number": 7}, 3)
    assert record.error == "Hung: the example did not end within 0.5 s"
    assert "in _loop" in record.traceback and "nnx.merge(number)" in record.traceback
    assert judge(reference(), bound(calls, (1,))).verdict == ERROR  # merge of a number: and no hang is left over


def test_a_wait_is_left_behind(limited: watch.Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "GRACE", 0.4)
    record = judge(of_merge(lambda _: time.sleep(20)), bound(calls, (7,)))
    assert record.error == "Hung: the example did not end within 0.5 s, and could not be interrupted"
    assert "time.sleep(20)" in record.traceback
    assert judge(of_merge(lambda _: None), bound(calls, (7,))).verdict == HOLDS


def test_a_hang_while_shrinking_does_not_hide_the_failure(limited: watch.Watch) -> None:
    record = judge(of_merge(lambda _: odd_backends._loop()), bound(violated_then_hangs, (9,)))
    assert (record.verdict, record.witness) == (VIOLATED, {"number": 9})


def test_the_limit_is_for_one_example(limited: watch.Watch) -> None:
    slow = of_merge(lambda _: time.sleep(0.2))
    assert judge(slow, bound(calls, (7, 8, 9, 7, 8, 9))).verdict == HOLDS


def test_the_example_is_in_the_journal_before_it_runs(limited: watch.Watch) -> None:
    seen: list[Any] = []
    limited.seconds = None
    assert limited.journal is not None
    path = limited.journal.path
    binding = BINDINGS["split.round-trip"]

    def split(*_: Any) -> Any:
        seen.append(journal.read(path))
        raise ValueError("seen")

    record = judge(odd_backends._with("odd", split=split), binding)
    assert record.verdict == ERROR and journal.read(path) is None
    entry = next(e for e in reversed(seen) if e["law"] == e["judged"] == "split.round-trip")
    assert entry["inputs"] == record.witness
    assert (entry["term"], entry["level"]) == (binding.law.term.slug, binding.law.level)
    assert entry["found"]["inputs"] == record.witness and entry["found"]["difference"] == "ValueError: seen"


def test_what_outlives_a_process_tells_its_example(tmp_path: Path) -> None:
    folder = journal.state_folder(tmp_path)
    assert folder is not None and (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    dead = journal.Journal(folder / "journal" / "1-main.json")
    dead.judging("odd.calls", "module", "MUST")
    dead.failed({"number": 9}, "too many")
    dead.example("odd.holds", {"number": 4}, 12)
    text = journal.obituary(dead.path, "nnxspec check odd --law", "--example", "odd")
    assert text is not None
    lines = text.splitlines()
    assert lines[0] == (
        "nnxspec: the process died in the middle of example 12 of odd.holds (tried first, because odd.calls needs it)."
    )
    assert "    nnxspec check odd --law odd.holds --example '{\"number\":4}'" in lines
    assert "    nnxspec check odd --law odd.calls --example '{\"number\":9}'" in lines
    kept = json.loads((folder / "witnesses" / f"{digest_of('odd.holds', {'number': 4})}.json").read_text())
    assert kept == {"law": "odd.holds", "backend": "odd", "witness": {"number": 4}}
    assert journal.left_behind(folder, "c", "o", "b") == []  # this process is alive
    dead.path.write_text(dead.path.read_text().replace('"pid":', '"pid":99999999,"was":'), encoding="utf-8")
    (told,) = journal.left_behind(folder, "c", "o", "b")
    assert "from an earlier run that died" in told and not dead.path.exists()
    dead.idle()
    dead.path.write_text("null\nrest of an older, longer entry", encoding="utf-8")
    assert journal.obituary(dead.path, "c", "o", "b") is None
    dead.close()


def test_a_folder_that_cannot_be_written_spoils_no_run(tmp_path: Path) -> None:
    (tmp_path / journal.FOLDER).write_text("a file", encoding="utf-8")
    assert journal.state_folder(tmp_path) is None
    blind = journal.Journal(tmp_path / journal.FOLDER / "journal" / "x.json")
    blind.example("odd.holds", {}, 1)
    blind.close()
    budget.prove(None, "odd 1", ["odd.holds"])
    budget.prove(tmp_path / "nowhere", "odd 1", ["odd.holds"])
    assert budget.proved(None, "odd 1") == {}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("babbling", r"ValueError: \x1b[2J\x1b[31m\x00\udc80 rubbish \x07"),
        ("speechless", "Unspeakable: (its text cannot be had)"),
        ("interrupting", "RuntimeError: the backend raised KeyboardInterrupt(), which is no Exception"),
        ("pressing", "RuntimeError: the backend raised Pressed('out of the way'), which is no Exception"),
    ],
)
def test_bad_manners(name: str, told: str, tmp_path: Path) -> None:
    binding = BINDINGS["split.round-trip"]
    session = Session(getattr(odd_backends, name)(), name, profile="quick", derandomize=True)
    record = judged(binding, session)
    assert (record.verdict, record.error) == (ERROR, told)
    assert "odd_backends.py" in record.traceback
    text = message(record, binding.law, session)
    assert not any(c in text for c in "\x1b\x00\x07\udc80")
    text.encode()
    path = tmp_path / "r.json"
    report.write(report.build(session, [record.as_dict()]), path)
    assert report.load(path).laws == [record]


@pytest.mark.parametrize("name", ["moody", "drifting"])
def test_a_backend_that_changes_its_mind_is_unstable(name: str) -> None:
    backend = getattr(odd_backends, name)()
    binding = BINDINGS["split.round-trip"]
    session = Session(backend, name, profile="quick", derandomize=True)
    record = judged(binding, session)
    assert (record.verdict, record.flaky, record.blocked_by) == (UNSTABLE, True, [])
    text = message(record, binding.law, session)
    assert text.startswith(f"split.round-trip: unstable in {name} ")
    assert "the backend does not always do the same" in text


def test_a_steady_fault_is_not_unstable() -> None:
    def merge(*_: Any) -> Any:
        raise ValueError(f"no {object()!r}")  # an address in the text is no change of mind

    record = judge(of_merge(merge), BINDINGS["split.round-trip"])
    assert (record.verdict, record.flaky) == (ERROR, False)


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The odd backends can be named as those of a user."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_lies_come_to_light(by_name: None) -> None:
    session = Session(odd_backends.lying(), "lying", derandomize=True)
    record = judged(BINDINGS["split.round-trip"], session)
    assert record.verdict == VIOLATED and "a new object came" in record.difference
    with pytest.raises(BackendError, match="claims the capability 'containers' but has no 'List'") as caught:
        lookup.load("odd_backends:boasting")
    assert "\n" not in str(caught.value)


def test_half_of_the_names(by_name: None) -> None:
    """Every law that needs what is missing says so; those that do not are judged as ever."""
    backend = lookup.load("odd_backends:half")
    session = Session(backend, "half", profile="quick", derandomize=True)
    verdicts: dict[str, str] = {}
    for name, binding in ((one.id, BINDINGS[one.id]) for one in LAWS):
        seen: Any = None
        if backend.missing(binding.law.uses) is not None:
            verdicts[name] = UNSUPPORTED
        elif binding.law.term.slug in ("module", "variable"):
            seen = judged(Binding(binding.law, binding.strategies, scale=0.25), session)
            verdicts[name] = seen.verdict
            assert seen.verdict in (HOLDS, UNSUPPORTED), (name, seen.verdict, seen.error, seen.difference)
    assert list(verdicts.values()).count(HOLDS) > 5 and list(verdicts.values()).count(UNSUPPORTED) > 100


def test_times() -> None:
    assert [budget.seconds(text, "--t") for text in ("90", "90s", "10m", "1.5h", "0")] == [90, 90, 600, 5400, 0]
    for text in ("", "ten", "-5", "10 d", "1e3", "nan"):
        with pytest.raises(ValueError, match="--t is a time such as 90, 90s, 10m or 1.5h, not "):
            budget.seconds(text, "--t")


def test_a_budget_goes_to_the_longest_unproved_first(tmp_path: Path) -> None:
    folder = journal.state_folder(tmp_path)
    budget.prove(folder, "odd 1", ["a", "b"])
    time.sleep(0.15)
    budget.prove(folder, "odd 1", ["a"])
    budget.prove(folder, "odd 2", ["d"])
    known = budget.proved(folder, "odd 1")
    assert budget.longest_unproved_first("abcd", known) == ["c", "d", "b", "a"]
    assert folder is not None
    (folder / "proved.json").write_text("[]", encoding="utf-8")
    assert budget.proved(folder, "odd 1") == {}
    share = budget.Budget(time.time() + 100, workers=2, order=["a", "b", "c", "d"])
    assert [round(share.until(name) - time.time()) for name in "abcd"] == [50, 67, 100, 100]
    assert not share.spent and budget.Budget(time.time()).spent


def test_a_share_of_a_budget_is_spent_on_new_seeds() -> None:
    backend = of_merge(lambda _: None)
    binding = bound(calls, (1, 2))
    once = judged(binding, Session(backend, "odd", profile="quick", seed=5))
    session = Session(backend, "odd", profile="quick", seed=5, budget=budget.Budget(time.time() + 1, 1, ["odd.calls"]))
    record = judged(binding, session)
    assert record.verdict == HOLDS and record.examples > 2 * once.examples
    assert session.seed == 5 and record.seed is not None and record.seed > 5 and once.seed is None


def test_compilations_are_counted() -> None:
    import jax

    size = iter(range(1000, 2000))

    def merge(_: Any) -> Any:
        return jax.jit(lambda x: x + 1)(jax.numpy.zeros(next(size)))

    record = judge(of_merge(merge), bound(calls, (7, 8, 9)))
    assert record.compilations >= 3
    assert judge(of_merge(lambda _: None), bound(calls, (7, 8, 9))).compilations == 0


@pytest.mark.parametrize("told", [True, False])
def test_caches_are_emptied(told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the size of the process, or by compilations where the system does not tell it."""
    import jax

    assert watch._resident() > 50_000_000 or not Path("/proc/self/statm").exists()
    emptied: list[int] = []
    sizes = iter([5, 5 + watch.GROWTH, 6])
    monkeypatch.setattr(jax, "clear_caches", lambda: emptied.append(1))
    monkeypatch.setattr(watch, "COMPILATIONS", 10**9 if told else 2)
    monkeypatch.setattr(watch, "_resident", lambda: next(sizes) if told else 0)
    watch.use_watch(None)
    judge(of_merge(lambda n: jax.jit(lambda x: x + n)(jax.numpy.zeros(n + 50))), bound(calls, (7, 8, 9)))
    assert emptied == [1]
    watch.use_watch(None)


def test_try_once_is_what_a_search_watches() -> None:
    """Mutants and tools call it without a session; then there is no limit and no journal."""
    from nnxspec.harness.search import Search

    watch.use_watch(None)
    seen = Search()
    try_once(calls, reference(), {"number": 2}, seen)
    assert seen.examples == 1 and watch.current_watch().journal is None


def test_only_an_example_that_is_judged_may_end_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search of a tool's own has nobody who disarms: minutes after its last example the process would end."""
    from nnxspec.harness.search import Search

    armed: list[float] = []
    monkeypatch.setattr(watch.faulthandler, "dump_traceback_later", lambda seconds, **_: armed.append(seconds))
    monkeypatch.setattr(watch.faulthandler, "cancel_dump_traceback_later", lambda: armed.append(0))
    made = watch.Watch(60, journal.Journal(tmp_path / "journal" / "1-main.json"), hard=True)
    watch.use_watch(made)
    try:
        try_once(calls, reference(), {"number": 2}, Search())
        assert armed == []
        with made.judging(calls):
            try_once(calls, reference(), {"number": 2}, Search())
        assert armed == [60 + 2 * watch.GRACE + 1, 0]
    finally:
        made.close()
        watch.use_watch(None)
