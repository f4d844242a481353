"""Which releases are tried to find the one since which a law is violated, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.matrix import bisection
from nnxspec.harness.matrix.bisection import HOLDS, VIOLATED, Bisection, bisect

RELEASES = [f"1.{i}" for i in range(16)]


def found(truth: Mapping[str, Sequence[str]], jobs: int = 1) -> tuple[dict[str, str], list[int]]:
    """What is told of each law, where `truth` holds what every release shows, and which releases were tried."""
    tried: list[int] = []

    def probe(chosen: Sequence[int]) -> list[Mapping[str, str]]:
        tried.extend(chosen)
        return [{law: shown[i] for law, shown in truth.items()} for i in chosen]

    searches = [Bisection(law, RELEASES) for law in truth]
    bisect(searches, probe, jobs)
    return {each.law: each.told() for each in searches}, tried


@pytest.mark.parametrize("since", range(1, 16))
@pytest.mark.parametrize("jobs", [1, 3])
def test_the_release_is_found_and_few_are_tried(since: int, jobs: int) -> None:
    told, tried = found({"a": [HOLDS] * since + [VIOLATED] * (16 - since)}, jobs)
    assert told == {"a": f"violated since 1.{since}; holds in 1.{since - 1}"}
    assert len(tried) <= 5  # the oldest, then halves


def test_laws_share_what_is_tried() -> None:
    truth = {str(i): [HOLDS] * i + [VIOLATED] * (16 - i) for i in (3, 4)}
    told, tried = found(truth, 2)
    assert told == {"3": "violated since 1.3; holds in 1.2", "4": "violated since 1.4; holds in 1.3"}
    assert len(tried) == len(set(tried)) <= 6


def test_what_was_always_violated_takes_one_more_release() -> None:
    told, tried = found({"a": [VIOLATED] * 16})
    assert told == {"a": "violated in 1.0 and every later release that was tried"}
    assert tried == [0]


def test_releases_that_tell_nothing_are_named() -> None:
    told, tried = found({"a": ["no pop"] * 3 + [HOLDS] * 5 + ["cannot be installed"] * 2 + [VIOLATED] * 6})
    assert told["a"] == ("violated since 1.10; holds in 1.7; nothing can be said of 1.8 to 1.9 (cannot be installed)")
    told, tried = found({"a": ["no pop"] * 15 + [VIOLATED]})
    assert told["a"].endswith("release that was tried; nothing can be said of 1.0 to 1.14 (no pop)")
    assert sorted(tried) == list(range(15))


def test_the_index_is_read_and_ordered() -> None:
    heard = "flax (0.12.8)\nAvailable versions: 0.12.10, 0.12.8, 0.9.0, 0.10.7\n  INSTALLED: 0.12.8\n"
    releases = bisection.parse_releases(heard)
    assert releases == ["0.9.0", "0.10.7", "0.12.8", "0.12.10"]
    assert bisection.between(releases, "0.10.0", "0.12.8") == ["0.10.7", "0.12.8"]
    assert bisection.parse_releases("ERROR: unknown command") == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["pop.complet", "flax"], "no law and no term matches 'pop.complet'; near it: pop.complete"),
        (["pop.complete", "flaks"], "'flaks': no backend 'flaks'; did you mean 'flax'?"),
        (["pop.complete", "reference"], "reference has no releases to look for"),
        (["pop.complete", "flax==0.12.8", "--releases", "0.12.8"], "there are not two releases of flax to compare"),
        (["pop.complete", "flax", "--releases", "0.12,newest"], "Invalid version: 'newest'"),
        (["pop.complete", "flax", "--profile", "slow"], "unknown profile 'slow': choose"),
        (["pop.complete", "flax", "-j", "0"], "-j 0: at least one release has to run"),
    ],
)
def test_bad_input_takes_one_line(typed: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bisect", *typed]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"nnxspec: {told}") and printed.err.count("\n") == 1
    assert printed.out == ""
