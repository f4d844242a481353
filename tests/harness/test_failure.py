"""The failure message, word for word: it is what people read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from nnxspec.harness import verdicts
from nnxspec.harness.failure import message
from nnxspec.harness.outcome import write_script
from nnxspec.harness.verdicts import judge
from nnxspec.spec import Script, Step
from nnxspec.spec.script.filters import FilterExpr

from . import odd

VIOLATED = """\
odd.violated: violated by reference 0.1.0: at the root: bool False expected, bool True came

The law (MUST; Split and merge):
    A number is at most three, whatever the graph.

The smallest example found (1 tried):
    import jax.numpy as jnp
    from nnxspec import reference_impl as nnx

    class Block(nnx.Module):
        pass


    def make():
        m0 = Block()
        v1 = nnx.Param(jnp.array(0, 'float32'))
        m0.a = v1
        return m0


    number = 4

What the law does with it:
    def violated(nnx: Any, make: Any, number: Any) -> Claims:
        \"\"\"A number is at most three, whatever the graph.

        It is not, so this law is violated from four on.
        \"\"\"
        yield Eq(make(), make(), "the graph")
        yield Eq(too_many(number), False, "too many")  # from four on

Claim:
    left equals right (too many)

Expected:
    bool False

Came:
    bool True

First difference:
    at the root: bool False expected, bool True came

Stand-alone script:
    nnxspec reproduce 60657d94ca --out odd.violated.py

Once more:
    pytest --pyargs nnxspec.properties --nnx-backend reference --nnx-law odd.violated --nnx-example \
'{"make":{"$":"script","root":0,"steps":[{"$":"step","name":"variable","operands":[]}],"without":[]},"number":4}'
"""


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "BINDINGS", {law.id: odd.binding(law) for law in odd.ODD})


def told(law: Any, example: Any, **changes: Any) -> str:
    session = odd.session(example=example, **changes)
    record = judge(odd.binding(law), session)
    return message(record, law, session, written=write_script(record, session))


def test_violated() -> None:
    assert told(odd.violated, {"make": Script(0, (Step("variable"),)), "number": 4}) == VIOLATED


def test_error() -> None:
    lines = told(odd.raises, {"number": 5}).splitlines()
    assert lines[0] == "odd.error: error in reference 0.1.0: KeyError: 'no 5'"
    start = lines.index("What was raised, where no claim of the law speaks of an exception:")
    assert lines[start + 1] == "    Traceback (most recent call last):"
    assert re.fullmatch(r'      File ".*odd\.py", line \d+, in raises', lines[start + 2])
    assert "    KeyError: 'no 5'" in lines
    assert not {"Expected:", "Came:"} & set(lines)


def test_blocked() -> None:
    lines = told(odd.blocked, {"number": 1}).splitlines()
    assert lines[0] == "odd.blocked: blocked in reference 0.1.0: odd.broken fails too"
    assert "Prerequisites that fail on this backend: odd.broken. Mend those first." in lines
    assert "    at the root: int 0 expected, int 1 came" in lines


def test_the_command_line_is_told_its_own_replay_command() -> None:
    last = told(odd.blocked, {"number": 1}, command="nnxspec", named="my lib:load").splitlines()[-1]
    arguments = shlex.split(last)
    assert arguments == ["nnxspec", "check", "my lib:load", "--law", "odd.blocked", "--example", '{"number":1}']


def test_the_message_names_the_script_that_was_written(tmp_path: Path) -> None:
    text = told(odd.raises, {"number": 5}, scripts=str(tmp_path / "new" / "folder"))
    path = tmp_path / "new" / "folder" / "odd.error.py"
    assert f"Stand-alone script:\n    python {path}\n" in text
    assert path.read_text(encoding="utf-8").startswith("# odd.error (MUST; Module), an error in reference 0.1.0.\n")


def test_renamed_names_are_shown_as_the_backend_has_them() -> None:
    @odd.law("odd.filters", term=odd.MODULE, needs=())
    def filters(nnx: Any, filters: Any) -> Any:
        """Nothing is one."""
        return odd.Eq(0, 1)

    backend = odd.reference()
    object.__setattr__(backend, "names", {"PathIn": "filterlib.PathIn"})
    example = {"filters": (FilterExpr("path-in", (("a",),)), FilterExpr("all", (0,)))}
    from nnxspec.harness.example import example_source

    assert example_source(example, backend) == "filters = (nnx.filterlib.PathIn(('a',)), ...,)\n"
