"""The laws can fail: every mutant of the reference is caught by each of the laws that it names, within its budget."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nnxspec.backends.mutants import FAULTS, OURS, WITHOUT_MUTANT, Fault, load
from nnxspec.backends.mutants.loader import namespace
from nnxspec.harness import kill
from nnxspec.harness.cli import main
from nnxspec.harness.devices import announce
from nnxspec.harness.kill.results import read
from nnxspec.harness.verdicts import load_all_bindings
from nnxspec.spec import BackendError
from nnxspec.spec.laws import LAWS

announce(None)  # several devices, which some laws need; jax has not started while tests are collected


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_its_laws_catch_the_mutant(fault: Fault) -> None:
    bindings, mutant = load_all_bindings(), load(fault.name)
    hunts = [kill.hunt(fault, mutant, bindings[law]) for law in fault.laws]
    passed = [one.law for one in hunts if not one.caught]
    assert not passed, f"{', '.join(passed)}: {fault.budget} examples let {fault.name} pass: {fault.wrong}"


def test_every_law_has_a_mutant_or_a_reason_to_have_none() -> None:
    named = {law for fault in FAULTS.values() for law in fault.laws}
    assert {law.id for law in LAWS} - named == set(WITHOUT_MUTANT)


def test_faults_name_laws_that_exist_and_sources_that_can_be_found() -> None:
    assert len(FAULTS) >= 150
    known = {law.id for law in LAWS}
    for fault in FAULTS.values():
        assert fault.laws, f"{fault.name} names no law"
        assert set(fault.laws) <= known, fault.name
        assert fault.source == OURS or re.fullmatch(r"[\w.-]+/[\w.-]+(#\d+|@[0-9a-f]{7,40})", fault.source), fault.name
        assert fault.wrong.endswith("."), fault.name
        assert fault.budget <= 300, fault.name  # one that takes more shows a strategy that has to become better


def test_a_fault_that_no_longer_fits_says_so() -> None:
    stale = Fault("stale", "Its text is gone.", "pop", "no such text", "", ())
    with pytest.raises(BackendError, match="'stale' no longer fits the reference: its text occurs 0 times in pop.py"):
        namespace(stale)


def test_an_unknown_mutant_is_named() -> None:
    with pytest.raises(BackendError, match="unknown mutant 'pop-leaves-alias': did you mean 'pop-leaves-aliases'"):
        load("pop-leaves-alias")


def test_the_command_prints_and_writes_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "matrix.json"
    assert main(["mutants", "pop-leaves-a*", "--law", "pop.complete", "--seeds", "2", "--json", str(path)]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^pop-leaves-aliases +pop.complete +[\d.]+ +\d+$", printed.out, re.MULTILINE)
    assert "mutants that survive: none\nlaws that kill nothing: none\n" in printed.out
    assert "[1/1] pop-leaves-aliases" in printed.err
    written = read(path)
    entry = written["mutants"]["pop-leaves-aliases"]
    assert written["seeds"] == [0, 1]
    assert entry["named"]["pop.complete"]["caught"] == ["violated", "violated"]
    assert entry["row"] == "n"
    assert not written["survivors"]


def test_the_command_ends_with_1_when_a_mutant_survives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    same = "        group.append((path, leaf))\n"
    harmless = Fault("harmless", "Nothing.", "filters", same, same + "        pass\n", ("filter.refinement",), budget=5)
    monkeypatch.setitem(FAULTS, "harmless", harmless)
    assert main(["mutants", "harmless"]) == 1
    printed = capsys.readouterr()
    assert "mutants that survive: 1\n  harmless (filter.refinement)\n" in printed.out
    assert "laws that kill nothing: 1\n  filter.refinement\n" in printed.out
    assert "filter.refinement lets harmless pass (5 examples)" in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pop-leave-aliases"], "no mutant matches 'pop-leave-aliases'; near it: pop-leaves-aliases"),
        (["pop-leaves-aliases", "--law", "no.law"], "no law and no term matches 'no.law'"),
        (["pop-leaves-aliases", "--law", "clone.deep"], "no chosen mutant names one of these laws (1); try --all-laws"),
        (["pop-leaves-aliases", "--seeds", "-1"], "the number of seeds is none or more, not -1"),
        (["pop-leaves-aliases", "--json", "/no/such/folder/x.json"], "there is no folder /no/such/folder"),
        (["pop-leaves-aliases", "-n", "0"], "-n 0: at least one process has to run"),
        (["pop-leaves-aliases", "--examples", "0", "--all-laws"], "--examples 0: at least one has to be tried"),
        (["pop-leaves-aliases", "--examples", "2"], "it needs --all-laws"),
        (["--json", "-", "--markdown", "-"], "would print into each other"),
        (["--read", "x.json"], "--read needs --markdown FILE or --json FILE"),
        (["pop-leaves-aliases", "--read", "x.json", "--markdown", "-"], "leave out what chooses"),
        (["--read", "/no/such/x.json", "--markdown", "-"], "/no/such/x.json cannot be read: No such file or directory"),
        (["--read", __file__, "--markdown", "-"], "is no file of results: it is no JSON"),
        (["pop-leaves-aliases", "--resume", "/no/such/journal"], "/no/such/journal cannot be used: No such file"),
        (["pop-leaves-aliases", "--resume", __file__], "is no journal of nnxspec mutants: name another file"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", *arguments]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
