"""Deviations: read with care, matched, tried by their witnesses, and written from a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnxspec
from nnxspec.harness import deviations, excluding, overlooking, profiles, table
from nnxspec.harness.deviations import Deviation, DeviationError, Deviations
from nnxspec.harness.excluding import narrowed
from nnxspec.harness.failure import message
from nnxspec.harness.judging import judged
from nnxspec.harness.report import build
from nnxspec.harness.standalone import standalone
from nnxspec.harness.verdicts import Record, fails, judge, load_all_bindings
from nnxspec.spec import Eq, Program, Script, encode
from nnxspec.spec.laws import LAWS

from . import odd
from .test_standalone import outcome_in_process

SOURCE = str(Path(nnxspec.__file__).parents[1])

FILE = """\
# What is known.
[[deviation]]
law = "pop.complete"
backend = "reference"
versions = ">=0.1,<2"
kind = "bug"
reason = "it is so"
witness = '{"make":{"$":"script"},"trees":[]}'

# The next one.
[[deviation]]
law = "no.such-law"
backend = "reference"
versions = ""
kind = "todo"
reason = "todo"
excludes = ["sharing", {input = "trees", contains = 3}]
witness = '{}'

[[deviation]]
law = "split.round-trip"
backend = "somebody"
versions = "==3"
kind = "limitation"
reason = "said"
link = "https://example.org"
witness = '{}'
"""


def test_entries_know_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text(FILE, encoding="utf-8")
    first, second, third = deviations.load(path)
    assert [each.lines for each in (first, second, third)] == [(2, 8), (11, 18), (20, 27)]
    assert first.where == f"{path}:2-8" and first.witness == {"make": {"$": "script"}, "trees": []}
    assert second.excludes == ("sharing", {"input": "trees", "contains": 3}) and third.link == "https://example.org"


def test_entries_that_match_nothing_are_named(tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text(FILE, encoding="utf-8")
    found = deviations.gather([path, path], odd.reference())
    assert {law: len(entries) for law, entries in found.by_law.items()} == {"pop.complete": 1}
    assert found.notices == (
        f"{path}: 1 deviation of laws that do not exist: no.such-law (line 11)",
        f"{path}: 1 deviation for other backends or versions than reference 0.1.0: split.round-trip (line 20)",
        f"{path}: 1 deviation with kind or reason 'todo': no.such-law (line 11)",
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('backend = "reference"\n', "", ":2: backend is missing"),
        ('reason = "it', 'why = 3\nreason = "it', ":2: why is not known; fields: law, backend"),
        ('reason = "it is so"', "reason = 3", ":2: reason is int, and not text"),
        ('reason = "it is so"', 'reason = " "', ":2: reason is empty"),
        ('kind = "bug"', 'kind = "feature"', ":2: kind is 'feature', none of bug, limitation, by-design, todo"),
        (">=0.1,<2", "about 3", ":2: versions is 'about 3', and no specifier such as"),
        ('{"make"', '{"make', ":2: witness is no JSON: "),
        ("'{}'\n\n", "'[]'\n\n", ":11: witness is no JSON object"),
        ('"sharing",', '"sharin",', ":11: excludes names the unknown limit 'sharin'; known: sharing"),
        ("contains = 3", "having = 3", ":11: excludes has {'input': 'trees', 'having': 3}: give"),
        ('"sharing",', '{claim = "x", message = "y"},', ":11: excludes has {'claim': 'x', 'message': 'y'}: give"),
        ('"sharing",', '{claim = "x", input = "trees"},', ":11: excludes has {'claim': 'x', 'input': 'trees'}: give"),
        ('"sharing",', '{claim = "x", value = 3},', ":11: excludes has {'claim': 'x', 'value': 3}: give"),
        ("contains = 3", "longer = 'x'", ":11: excludes has {'input': 'trees', 'longer': 'x'}: longer is a number"),
        ('input = "trees"', "input = 3", ":11: excludes has {'input': 3, 'contains': 3}, whose names are not text"),
        ("# What", "What", " is no TOML: "),
        ("# What is known.", "other = 1", ": 'other' is not expected: the file is a list of entries"),
    ],
)
def test_malformed_files_are_told_in_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "d.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeviationError) as caught:
        deviations.load(path)
    assert told in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DeviationError, match="cannot be read from .*nowhere: No such file"):
        deviations.load(tmp_path / "nowhere")
    for number, text in enumerate(("deviation = 3\n", "[deviation]\nlaw = 'a.b'\n", "deviation = [3]\n")):
        (tmp_path / str(number)).write_text(text, encoding="utf-8")
        with pytest.raises(DeviationError, match="'deviation' is not expected"):
            deviations.load(tmp_path / str(number))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(DeviationError, match="is not UTF-8 text"):
        deviations.load(tmp_path / "binary")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None)
@given(TEXT.filter(str.strip), TEXT, st.dictionaries(TEXT, TEXT | st.integers() | st.lists(TEXT)))
def test_what_is_written_is_read(reason: str, link: str, witness: dict[str, Any]) -> None:
    excludes = ("nan", {"input": reason, "value": [1, True, link, {"name": link}]})
    entry = Deviation("a.b", "flax", ">=1", "bug", reason, witness, link, excludes)
    (raw,) = tomllib.loads(deviations.entry_text(entry))["deviation"]
    assert deviations._entry(Path(), (0, 0), raw, False) == entry


# verdicts


def on_record(law: Any, witness: Any, *excludes: Any, shipped: bool = False, **changes: Any) -> dict[str, Any]:
    entry = Deviation(
        law.id, "reference", "", "bug", "so", witness, "", excludes, Path("d.toml"), (2, 8), shipped, **changes
    )
    return {"deviations": Deviations({law.id: [entry]})}


def verdict(law: Any, known: dict[str, Any], **changes: Any) -> Record:
    return judge(odd.binding(law), odd.session(**known, **changes))


@odd.law("odd.twice", term=odd.MODULE, needs=())
def twice(nnx: Any, number: Any) -> Any:
    """A number is neither four nor seven."""
    yield Eq(number == 4, False, "four")
    yield Eq(number == 7, False, "seven")


@odd.law("odd.always", term=odd.MODULE, needs=())
def always(nnx: Any, number: Any) -> Any:
    """Two claims, of which the first fails on every example."""
    yield Eq(number, -1, "minus one")
    yield Eq(number == 7, False, "seven")


@odd.law("odd.raises-late", term=odd.MODULE, needs=())
def raises_late(nnx: Any, number: Any) -> Any:
    """A claim that fails on every example, before an exception of which none speaks."""
    yield Eq(number, -1, "minus one")
    if number == 7:
        raise KeyError("seven")


@pytest.fixture
def _bound(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnxspec.harness import verdicts

    monkeypatch.setattr(verdicts, "BINDINGS", {law.id: odd.binding(law) for law in (*odd.ODD, twice)})


@pytest.mark.usefixtures("_bound")
class TestVerdicts:
    def test_known_by_its_witness_alone(self) -> None:
        record = verdict(twice, on_record(twice, {"number": 4}))
        assert (record.verdict, record.examples, record.witness) == ("known", 1, {"number": 4})
        assert not fails(record) and not fails(record.as_dict())
        assert record.deviations[0]["now"] == "known" and record.deviations[0]["digest"] == record.digest
        assert table.one_line(record) == "known     odd.twice (MUST): bug: so"

    @pytest.mark.parametrize(
        "excluded",
        [
            {"input": "number", "value": 4},
            {"input": "number", "contains": 4},
            {"claim": "four"},
            {"claim": "f*r"},
        ],
    )
    def test_a_second_violation_is_not_hidden(self, excluded: Any) -> None:
        record = verdict(twice, on_record(twice, {"number": 4}, excluded), profile="default")
        assert (record.verdict, record.witness, record.about) == ("violated", {"number": 7}, "seven")
        assert fails(record) and record.deviations[0]["now"] == "known"
        assert "Beside what is known of it, and was excluded from the search:\n    bug: so (d.toml:2-8)\n" in message(
            record, twice, odd.session()
        )

    @pytest.mark.parametrize(("law", "second"), [(always, "violated"), (raises_late, "error")])
    def test_a_second_violation_behind_a_known_one_is_steady(self, law: Any, second: str) -> None:
        """The known claim fails on the witness too, and sooner: it is passed over when the witness is tried again."""
        known = on_record(law, {"number": 4}, {"claim": "minus one"})
        record = judged(odd.binding(law), odd.session(**known, profile="default"))
        assert (record.verdict, record.witness, record.flaky) == (second, {"number": 7}, False)
        record = judged(odd.binding(law), odd.session(**known, example={"number": 7}))
        assert (record.verdict, record.about) == ("violated", "minus one")

    @pytest.mark.parametrize(("law", "second"), [(always, "seven"), (raises_late, "KeyError")])
    def test_a_second_violation_is_shown_beside_the_known_one(self, law: Any, second: str) -> None:
        """Its stand-alone script, and the command that tries it once more, pass over what is known."""
        session = odd.session(**on_record(law, {"number": 4}, {"claim": "minus one"}), profile="default")
        record = judged(odd.binding(law), session)
        assert record.overlooked == [{"claim": "minus one"}]
        assert second in outcome_in_process(record.script) and "minus one" not in outcome_in_process(record.script)
        told = message(record, law, session)
        assert """--nnx-example '{"number":7}' --nnx-beside '[{"claim":"minus one"}]'""" in told
        again = judged(odd.binding(law), odd.session(example={"number": 7}, beside=record.overlooked))
        assert (again.verdict, again.about, again.error) == (record.verdict, record.about, record.error)
        assert again.overlooked == record.overlooked and again.script == record.script
        assert judged(odd.binding(law), odd.session(example={"number": 3}, beside=record.overlooked)).verdict == "holds"

    @pytest.mark.parametrize(
        ("rows", "left"),
        [
            ([{"claim": "minus one"}, {"raises": "KeyError"}], ""),
            ([{"claim": "minus one"}, {"raises": "KeyError", "message": "*eleven*"}], "KeyError 'seven'"),
            ([{"claim": "minus one"}, {"raises": "KeyError", "message": "'sev*"}], ""),
            ([{"claim": "*", "difference": "at the root: int -1 expected, int 7 came"}, {"raises": "KeyError"}], ""),
            ([{"claim": "*", "difference": "* int 8 came"}, {"raises": "KeyError"}], "AssertionError odd.raises-late"),
            ([{"claim": "m*e", "input": "number", "longer": 1}, {"raises": "KeyError"}], "AssertionError odd.raises-l"),
            ([{"claim": "m*e", "input": "number", "value": 7}, {"raises": "KeyError"}], ""),
            ([{"claim": "m*e", "input": "number", "value": 7, "none": True}, {"raises": "KeyError"}], "AssertionError"),
        ],
    )
    def test_what_is_passed_over(self, rows: list[Any], left: str) -> None:
        """Rows say which claims, differences, exceptions and examples; script and check agree."""
        record = judged(odd.binding(raises_late), odd.session(example={"number": 7}, beside=rows))
        assert record.verdict == {"": "holds", "K": "error", "A": "violated"}[left[:1]]
        failed = Record("odd.raises-late", "module", "MUST", overlooked=rows)
        came = outcome_in_process(standalone(raises_late, {"number": 7}, odd.reference(), failed))
        assert came.startswith(left) and bool(came) == bool(left)

    def test_conditions_on_inputs(self) -> None:
        one = {"input": "layers", "contains": "scan", "none": True}
        for value, met in (
            ((("scan", 2, (None,)),), True),
            ((("scan", 2, ("carry",)),), False),
            ((("vmap", None),), False),
            ("scan", False),
        ):
            assert overlooking.meets(encode(value), one) == met
        assert overlooking.meets([1, 2], {"longer": 1}) and not overlooking.meets([1, 2], {"longer": 2})
        assert overlooking.meets([1], {"value": [1], "none": False}) and not overlooking.meets(True, {"value": 1})

    def test_examples_of_another_kind_are_judged_whole(self) -> None:
        """A claim that is excluded where the input is so is still judged where it is not."""
        known = on_record(twice, {"number": 4}, {"claim": "*", "input": "number", "value": 4})
        record = verdict(twice, known, profile="default")
        assert (record.verdict, record.witness, record.about) == ("violated", {"number": 7}, "seven")
        known = on_record(twice, {"number": 4}, {"claim": "*", "input": "number", "contains": 4}, {"claim": "seven"})
        assert verdict(twice, known, profile="default").verdict == "known"

    def test_known_and_nothing_else(self) -> None:
        excluded = [{"input": "number", "value": 4}, {"claim": "seven"}]
        record = verdict(twice, on_record(twice, {"number": 4}, *excluded), profile="default")
        assert record.verdict == "known" and record.examples > 1
        nothing = [{"input": "number", "value": number} for number in range(10)]
        assert verdict(twice, on_record(twice, {"number": 4}, *nothing)).verdict == "known"

    def test_exceptions_that_are_known(self) -> None:
        record = verdict(odd.raises, on_record(odd.raises, {"number": 4}, {"raises": "KeyError"}), profile="default")
        assert (record.verdict, record.error) == ("known", "KeyError: 'no 4'") and record.examples > 1

    def test_limits_are_added_to_scripts(self) -> None:
        seen: list[Script] = []

        @odd.law("odd.spy", term=odd.MODULE, needs=())
        def spy(nnx: Any, make: Any, number: Any) -> Any:
            """It looks on."""
            return odd.Eq(0, 0)

        binding = narrowed(odd.binding(spy), ["cycles", "body-raise"])
        settings(profiles.small_pass())(given(binding.inputs)(lambda inputs: seen.append(inputs["make"])))()
        assert seen and all("cycles" in each.without and "body-raise" not in each.without for each in seen)
        program = excluding._limited(Program(), ("cycles", "body-raise"))
        assert (program.build.without, program.without) == (("cycles",), ("body-raise",))

    def test_fixed_fails_where_its_reader_can_delete_it(self) -> None:
        record = verdict(twice, on_record(twice, {"number": 1}), profile="quick", derandomize=True)
        if record.verdict == "violated":  # the law is searched as any other
            record.verdict = "fixed"
        assert fails(record)
        assert table.one_line(record) == "fixed     odd.twice (MUST): the witness no longer fails; delete d.toml:2-8"
        told = message(record, twice, odd.session())
        assert told.startswith("odd.twice: fixed in reference 0.1.0: a violation on record cannot be seen any more\n")
        assert "    d.toml:2-8: so\n" in told

    def test_fixed_is_told_where_nnxspec_has_it_on_record(self) -> None:
        known = on_record(odd.holds, {"number": 1}, shipped=True)
        record = verdict(odd.holds, known)
        assert record.verdict == "fixed" and not fails(record)
        record = verdict(odd.holds, on_record(odd.holds, {"number": 1}))
        assert record.verdict == "fixed" and fails(record)

    def test_a_new_violation_of_a_law_with_a_fixed_one(self) -> None:
        record = verdict(odd.violated, on_record(odd.violated, {"make": {"$": "script"}, "number": 1}))
        assert record.verdict == "violated"
        told = table.notices(build(odd.session(), [record.as_dict()]))
        assert told == ["d.toml:2-8: a witness of odd.violated no longer fails"]

    @pytest.mark.parametrize(
        ("witness", "excludes", "told"),
        [
            ({"no": 1}, (), "odd.holds takes the inputs number"),
            ({"number": {"$": "skript"}}, (), "number: unknown kind 'skript'"),
            ({"number": 1}, ({"input": "no", "value": 1},), "odd.holds has no input 'no' to exclude"),
        ],
    )
    def test_a_witness_that_no_longer_parses_is_named(self, witness: Any, excludes: Any, told: str) -> None:
        record = verdict(odd.holds, on_record(odd.holds, witness, *excludes))
        assert record.verdict == "holds" and record.examples > 1
        (line,) = table.notices(build(odd.session(), [record.as_dict()]))
        assert line.startswith(f"d.toml:2-8: the witness of odd.holds no longer parses: {told}")

    def test_an_example_is_judged_without_what_is_known(self) -> None:
        known = on_record(twice, {"number": 4})
        assert verdict(twice, known, example={"number": 4}).verdict == "violated"


# from the outside


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nnxspec.harness.cli", *arguments]
    environ = os.environ | {"PYTHONPATH": SOURCE}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_from_a_run_to_a_file_and_back(tmp_path: Path) -> None:
    """What a run finds becomes entries; with them the next run passes; without the fault they are told to be fixed."""
    mutant = "mutant:pop-leaves-aliases"
    laws = ["--law=pop.complete", "--law=split.round-trip", "--derandomize", "--brief"]
    first = check(tmp_path, "check", mutant, *laws, "--update-deviations=d.toml")
    assert first.returncode == 0
    assert first.stdout.endswith("1 deviation written to d.toml; write kind and reason where they say 'todo'\n")
    second = check(tmp_path, "check", mutant, *laws, "--deviations=d.toml")
    assert second.returncode == 0 and "2 laws: 1 holds, 1 known" in second.stdout
    assert "d.toml: 1 deviation with kind or reason 'todo': pop.complete (line 1)" in second.stdout
    (entry,) = deviations.load(tmp_path / "d.toml")
    script = check(tmp_path, "reproduce", entry.digest)
    assert script.returncode == 0 and script.stdout.startswith("# pop.complete (MUST; Split and merge), violated by")

    path = tmp_path / "d.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(mutant, "reference"), encoding="utf-8")
    third = check(tmp_path, "check", "reference", *laws, "--deviations=d.toml")
    assert third.returncode == 1 and "delete d.toml:1-7" in third.stdout
    path.write_text("[[deviation]]\n", encoding="utf-8")
    bad = check(tmp_path, "check", "reference", *laws, "--deviations=d.toml")
    assert (bad.returncode, bad.stderr) == (2, "nnxspec: d.toml:1: law is missing\n")


# what nnxspec brings along

SHIPPED = [entry for path in deviations.shipped() for entry in deviations.load(path, shipped=True)]
TOTAL = ("transform.tree-structure-changes",)
"""Laws that fail on every example, on flax 0.12: nothing would be left to search."""


def test_no_entry_hides_a_second_violation_of_a_release_that_still_changes() -> None:
    ours = [entry for entry in SHIPPED if entry.path.name == "flax-0.12.toml"]
    assert tuple(sorted(entry.law for entry in ours if not entry.excludes)) == TOTAL


def test_what_is_shipped_is_in_order() -> None:
    """Every entry is of a law that exists, parses, is finished, and excludes what the law's inputs have."""
    assert SHIPPED
    bindings = load_all_bindings()
    assert {entry.law for entry in SHIPPED} <= {law.id for law in LAWS}
    for entry in SHIPPED:
        entry.inputs(bindings[entry.law].law)
        narrowed(bindings[entry.law], entry.excludes)
        assert entry.kind != deviations.TODO and not entry.reason.startswith(deviations.TODO), entry.where
    # A witness may stand in the files of several releases.
    assert len({(entry.digest, entry.backend, entry.versions) for entry in SHIPPED}) == len(SHIPPED)


def test_digests_name_law_and_witness() -> None:
    assert deviations.digest_of("a.b", {"x": 1, "y": [2]}) == deviations.digest_of("a.b", {"y": [2], "x": 1})
    assert deviations.digest_of("a.b", {"x": 1}) != deviations.digest_of("a.c", {"x": 1})
    assert json.dumps(deviations.digest_of("a.b", {}))[1:-1].isalnum()
