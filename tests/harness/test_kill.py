"""The kill matrix: where a fault is, which examples lead into it, workers that die, and a run that goes on."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnxspec.backends.mutants import FAULTS, Fault, load
from nnxspec.harness import kill
from nnxspec.harness.cli import main
from nnxspec.harness.kill import matrix, places, workers
from nnxspec.harness.kill.hunts import try_on
from nnxspec.harness.kill.page import page
from nnxspec.harness.kill.reach import examples, reach
from nnxspec.harness.kill.results import as_dict, compact, read
from nnxspec.harness.kill.workers import Crew, Journal, JournalError, perform
from nnxspec.harness.schema import published
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import BackendError
from nnxspec.spec.laws import LAWS

from .test_schema import wrong

RESULTS = Path(__file__).parents[2] / "backends" / "mutants" / "results"

MODULE = textwrap.dedent(
    """\
    TABLE = [1, 2]

    def first(x, y=1):
        if x:
            return 1
        elif y:
            x = 2
        else:
            x = 3
        for i in range(
            3
        ):
            x += i
        # a comment
        return x


    class Pair:
        size = 2

        def get(self):
            def inner(z):
                return z + 1

            return inner(2)
    """
)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("return 1", "return 2", {5}),  # a simple statement
        ("elif y:", "elif not y:", {6}),  # the head of a compound one
        ("        3\n", "        4\n", {10, 11, 12}),  # a head of several lines
        ("        x = 3\n", "        x = 3\n    x = 4\n", {10, 11, 12}),  # of the block around: what follows there
        ("return inner(2)\n", "return inner(2)\n        return 0\n", {25}),
        ("            return z + 1\n", "            return z + 1\n        z = 1\n", {25}),
        ("        x += i\n", "        x += i\n    else:\n        x = 1\n", {15}),
        ("        x += i\n", "        x += i\n        x += 1\n", {13}),
        ("        x = 3\n", "        x = 3\n        x = 4\n", {9}),  # lines that are added: the neighbours in the block
        ("    else:\n        x = 3\n", "    x = 3\n", set(range(4, 16))),
        ("    # a comment\n", "    # another\n", None),  # nothing changes, and nothing is left out
        ("[1, 2]", "[2, 1]", None),  # felt at import
        ("y=1", "y=0", None),
        ("    size = 2\n", "    size = 2\n\n    def more(self):\n        return 1\n", None),
        ("return z + 1", "return z", {23}),  # a function in a function
        ("        def inner(z):", "        def inner(z=1):", {22}),
        ("return inner(2)", "return inner(3)", {25}),
    ],
)
def test_where_a_fault_is(old: str, new: str, lines: set[int] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "source", lambda module: MODULE)
    assert MODULE.count(old) == 1
    assert places.place(Fault(f"{old}>{new}", "", "module", old, new, ())) == (None if lines is None else lines)


def test_few_faults_are_felt_at_import() -> None:
    everywhere = [fault.name for fault in FAULTS.values() if places.place(fault) is None]
    assert 0 < len(everywhere) < len(FAULTS) / 20


def test_reach_says_which_examples_lead_into_a_fault() -> None:
    """An example that does not cannot fail; one that does fails here; a law of something else does not get there."""
    binding, fault = load_all_bindings()["split.container-fidelity"], FAULTS["namedtuple-by-sorted-names"]
    found, chosen = reach(binding), examples(binding)
    into, mutant = found.reached[fault.name], load(fault.name)
    assert found.looked == len(chosen) == 24 and 0 < len(into) < 12
    failing = [i for i, each in enumerate(chosen) if try_on(fault, mutant, binding.law, [each]).caught]
    assert failing and set(failing) <= set(into)
    assert found.reached["grad-selects-every-variable"] == list(range(24))  # it is felt at import
    assert "jit-never-donates" not in found.reached and len(found.reached) < 90
    assert reach(load_all_bindings()["mode.tree-agrees"]).unsupported == "tree-mode"


@pytest.mark.parametrize("law", ["split.state-shape", "filter.literals", "variable.hook-order"])
def test_a_law_gets_to_every_mutant_that_names_it(law: str) -> None:
    naming = {name for name, fault in FAULTS.items() if law in fault.laws}
    assert naming and naming <= set(reach(load_all_bindings()[law]).reached)


def test_which_examples_are_tried() -> None:
    reaching = [0, 1, 2, 3, 10, 11]
    order = [matrix.nth(reaching, number) for number in range(7)]
    assert order == [11, 0, 3, 1, 2, 10, None]


def test_the_journal_goes_on_where_a_run_was_killed(tmp_path: Path) -> None:
    path, about = tmp_path / "journal", {"state": "now", "python": "3"}
    first = Journal(path, about)
    first.add({"reach": "a"}, {"looked": 1})
    path.write_text(path.read_text() + '[{"reach": "b"}, {"loo')  # it died here
    again = Journal(path, about)
    assert again.get({"reach": "a"}) == {"looked": 1} and again.get({"reach": "b"}) is None
    again.add({"reach": "b"}, {"looked": 2})
    assert Journal(path, about).get({"reach": "b"}) == {"looked": 2}
    with pytest.raises(JournalError, match=r"is of another state \(state\): delete it, or name another file"):
        Journal(path, {"state": "later", "python": "3"})


def test_a_task_in_the_journal_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    journal, asked = Journal(None, {}), []
    journal.add({"reach": "b"}, {"looked": 2})

    def answer(task: Any) -> Any:
        asked.append(task)
        return {"law": task["reach"], "looked": 1}

    monkeypatch.setattr(workers, "answer", answer)
    done = list(perform([[{"reach": "a"}, {"reach": "b"}]], journal, None))
    assert done == [({"reach": "b"}, {"looked": 2}), ({"reach": "a"}, {"looked": 1})]
    assert asked == [{"reach": "a"}]


FAKE = """\
import json, os, sys, time
for line in sys.stdin:
    task = json.loads(line)
    if task["law"] == "deadly":
        os._exit(3)
    if task["law"] == "endless":
        time.sleep(60)
    if task["law"] == "stale":
        print(json.dumps({"failed": "mutant 'm' no longer fits the reference"}), flush=True)
    print(json.dumps({"verdict": "", "examples": os.getpid(), "seconds": 0.0}), flush=True)
"""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Any]]:
    """Does tasks with processes that are no workers of ours, and gives the answers by law."""
    (tmp_path / "fake.py").write_text(FAKE)
    monkeypatch.setattr(workers, "COMMAND", ("fake.py",))
    monkeypatch.setattr(workers, "LIMIT", 1.0)
    monkeypatch.chdir(tmp_path)

    def do(*laws: str, number: int = 1) -> list[Any]:
        jobs = [[{"mutant": "m", "law": law, "seed": None} for law in laws]] * number
        with Crew(number) as crew:
            return [(task["law"], answered) for task, answered in perform(jobs, Journal(None, {}), crew)]

    return do


def test_a_worker_that_dies_or_hangs_is_replaced_and_the_mutant_is_caught(fake: Callable[..., list[Any]]) -> None:
    answers = fake("one", "deadly", "two", "endless", "three")
    assert [law for law, _ in answers] == ["one", "deadly", "two", "endless", "three"]
    assert [answered["verdict"] for _, answered in answers] == ["", kill.ERROR, "", kill.ERROR, ""]
    assert len({answered["examples"] for law, answered in answers if law in ("one", "two", "three")}) == 3


def test_several_workers_do_all(fake: Callable[..., list[Any]]) -> None:
    answers = fake("one", "two", "three", number=2)
    assert sorted(law for law, _ in answers) == ["one", "one", "three", "three", "two", "two"]


def test_a_mutant_that_no_longer_fits_ends_the_run(fake: Callable[..., list[Any]]) -> None:
    with pytest.raises(BackendError, match="mutant 'm' no longer fits the reference"):
        fake("one", "stale", "two")


def test_the_whole_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Named laws and the others, in a process of its own; once more from the journal; and the page from the file."""
    journal, first, again = (str(tmp_path / name) for name in ("journal", "first.json", "again.json"))
    command = ["mutants", "pop-from-root-only", "--law", "pop.*", "--law", "jit.donation", "--all-laws"]
    assert main([*command, "-n", "1", "--examples", "1", "--resume", journal, "--json", first]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^pop-from-root-only +pop.catch-all +1 +1 +not named$", printed.out, re.MULTILINE)
    assert "6 pairs of law and mutant: 2 named, " in printed.out
    assert "1 of 3: 1 mutants, each by the laws that it names" in printed.err
    assert main([*command, "--examples", "1", "--resume", journal, "--json", again]) == 0  # in this process
    assert "tasks are in the journal" in capsys.readouterr().err
    assert Path(first).read_text() == Path(again).read_text()
    assert main(["mutants", "--read", first, "--markdown", "-"]) == 0
    text, results, schema = capsys.readouterr().out, read(Path(first)), json.loads(published("mutants"))
    assert text == page(results)
    assert list(wrong(schema, results, schema)) == []
    assert "| pop-from-root-only | Leaves below the root are returned, and stay. | pop.removes-matching: " in text
    assert "- split.round-trip\n" in text.partition("## Laws younger than this run")[2]


def test_a_run_that_is_stopped_gives_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(task: Any) -> Any:
        if task.get("example") is not None and task["law"] == "pop.catch-all":
            raise KeyboardInterrupt
        return real(task)

    real = workers.answer
    monkeypatch.setattr(workers, "answer", answer)
    command = ["mutants", "pop-from-root-only", "--law", "pop.c*", "--all-laws", "--examples", "2", "--json", "-"]
    assert main(command) == 130
    printed = capsys.readouterr()
    assert "stopped: what is not done is 'not tried'" in printed.err
    results = json.loads(printed.out)
    rows = dict(zip(results["laws"], results["mutants"]["pop-from-root-only"]["row"], strict=True))
    assert rows["pop.complete"] == "n" and rows["pop.containers"] == "v" and rows["pop.catch-all"] == "?"


def test_a_page_tells_survivors_and_what_is_gone() -> None:
    passed = kill.Hunt("pop-leaves-aliases", "pop.complete", True, 0, "", 100, 1.0)
    caught = kill.Hunt("pop-leaves-aliases", "pop.complete", True, 1, kill.VIOLATED, 7, 1.0)
    seen = kill.Matrix(["pop-leaves-aliases"], ["pop.complete", "pop.atomic"], [0, 1], None, [passed, caught])
    results = as_dict(seen)
    assert json.loads(compact(results)) == results
    assert results["survivors"] == [["pop-leaves-aliases", "pop.complete"]]
    assert results["mutants"]["pop-leaves-aliases"]["row"] == "n?"
    results["laws"]["pop.forgotten"] = "split-and-merge"
    results["mutants"]["pop-leaves-aliases"]["row"] += "?"
    text = page(results)
    assert "pop.complete: 7 / 7, PASSES 1 times | ? |" in text
    assert "were not tried" in page(results | {"cap": 3}) and "were not tried" not in text
    assert (
        "## Mutants that survive a law that they name\n\n- pop-leaves-aliases (pop.complete), from 1 of 2 seeds\n"
        in text
    )
    assert "## Laws that kill nothing\n\n- pop.atomic\n" in text
    assert "## Laws and mutants that are no longer there\n\n- pop.forgotten\n" in text


def test_the_results_are_shown_as_they_are() -> None:
    """The page says which laws and mutants are younger than the run: after a change of either it is written anew."""
    again = "nnxspec mutants --read backends/mutants/results/matrix.json --markdown backends/mutants/results/README.md"
    assert (RESULTS / "README.md").read_text(encoding="utf-8") == page(read(RESULTS / "matrix.json")), again


def test_the_results_are_whole() -> None:
    results = read(RESULTS / "matrix.json")
    assert len(results["laws"]) >= 0.9 * len(LAWS) and len(results["mutants"]) >= 0.9 * len(FAULTS)
    assert results["seeds"] == list(range(5))
    for name, each in results["mutants"].items():
        assert len(each["row"]) == len(results["laws"])
        for law, searches in each["named"].items():
            assert len(searches["caught"]) == 5 and any(searches["caught"]), (name, law)
