"""Failure messages of faults in every part of the object model, word for word: they are the product.

`messages/` holds a JSON file with the example and a text file with the message of each. After a change that is meant,
``NNXSPEC_RENEW=1 python -m pytest tests/harness/test_messages.py`` writes the texts anew; read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from nnxspec.harness import lookup
from nnxspec.harness.deviations import Deviation, Deviations
from nnxspec.harness.failure import message
from nnxspec.harness.session import Session
from nnxspec.harness.verdicts import judge, load_all_bindings
from nnxspec.spec import decode

FOLDER = Path(__file__).with_name("messages")
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
BINDINGS = load_all_bindings()


def told(case: dict[str, Any]) -> str:
    """The message of a case: backend, law, witness, and for some what is on record, with places left out."""
    named, law = case["backend"], BINDINGS[case["law"]].law
    known = [
        Deviation(law.id, named, "", "bug", "As the reason says.", one, path=Path("known.toml"), lines=(1, 8))
        for one in case.get("known", ())
    ]
    given = {name: decode(value, name) for name, value in case["witness"].items()} if "witness" in case else None
    session = Session(
        lookup.load(named), named, "quick", derandomize=True, example=given, deviations=Deviations({law.id: known})
    )
    record = judge(BINDINGS[law.id], session)
    assert record.verdict != "holds", "the mutant passes on this example"
    text = message(record, law, session)
    text = re.sub(r'File ".*?([^/]+)", line \d+', r'File ".../\1", line N', text)
    return re.sub(r"\n +~*\^+~*(?=\n)", "", text)  # later Pythons underline other parts


@pytest.mark.parametrize("name", CASES)
def test_messages_are_as_they_were(name: str) -> None:
    text = told(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    path = FOLDER / f"{name}.txt"
    if os.environ.get("NNXSPEC_RENEW"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_there_is_a_message_of_every_kind() -> None:
    texts = {name: (FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in CASES}
    assert len(texts) >= 10
    for part in ("violated by", "error in", "fixed in", "is refused", "First difference:", "What was raised"):
        assert any(part in text for text in texts.values()), part
