"""How split and merge grow: what the command prints, and what it refuses."""

from __future__ import annotations

import pytest

from nnxspec.backends import reference
from nnxspec.benchmarks import scaling


def test_every_size_is_measured() -> None:
    told: list[str] = []
    small, large = scaling.measure(reference.load(), (20, 200), 2, told.append)
    assert (small.size, large.size) == (20, 200)
    assert all(value > 0 for value in (small.split, small.first_merge, small.merge, large.split, large.merge))
    assert 24 * 8 > large.split_bytes > large.dict_bytes > 8  # some objects each, and no second array
    assert told[-1] == "memory of 200 Variables"
    text = scaling.table([small, large])
    assert "| 200 |" in text and "A Variable among 200 against one among 20: split" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--sizes", "few"], "--sizes wants numbers with commas between them, not 'few'"),
        (["--sizes", "0,5"], "want numbers above nought"),
        (["--rounds", "0"], "want numbers above nought"),
        (["no-such-backend"], "no-such-backend"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert scaling.main(arguments) == 2
    error = capsys.readouterr().err
    assert told in error and error.startswith("nnxspec: ") and error.count("\n") == 1
