"""The tutorial is true: its files are written, its commands run, and what they print is what stands there.

Blocks marked ``<!-- file: NAME -->`` are files, those marked ``<!-- change: NAME -->`` replace lines of one. In a
console block the line after ``$`` is run and the rest is its output, in which ``...`` stands for any number of lines.
Numbers are not compared: they depend on versions, and on what laws there are.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nnxspec.harness.cli import parser

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PAGE = EXAMPLES / "your_library.md"
_BLOCK = re.compile(r"(?:<!-- (file|change): (\S+) -->\n)?```(python|diff|console)\n(.*?)```", re.DOTALL)
_RUN = "import sys; sys.path[:] = filter(None, sys.path); from nnxspec.harness.cli import main; sys.exit(main())"


def normal(line: str) -> str:
    """A line without its numbers, and without the spaces and dashes that depend on their width."""
    return re.sub(r"[\s-]+", " ", re.sub(r"\d+(\.\d+)*|(?<= )-(?= |$)", "#", line)).strip()


def matches(told: list[str], heard: list[str]) -> bool:
    """Whether lines are those of a page, in which ``...`` stands for any number of them."""
    if not told:
        return not heard
    if told[0] == "...":
        return any(matches(told[1:], heard[i:]) for i in range(len(heard) + 1))
    return bool(heard) and told[0] == heard[0] and matches(told[1:], heard[1:])


def written_anew(text: str, change: str) -> str:
    """A file with the lines of a diff replaced."""
    old = "\n".join(line[1:] for line in change.splitlines() if line.startswith("-"))
    new = "\n".join(line[1:] for line in change.splitlines() if line.startswith("+"))
    assert text.count(old) == 1, f"the page changes what occurs {text.count(old)} times:\n{old}"
    return text.replace(old, new)


def test_the_tutorial_is_true(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[1] / "src"
    environ = os.environ | {"PYTHONPATH": str(source), "JAX_PLATFORMS": "cpu"}
    commands = 0
    for what, name, kind, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if what == "file":
            (tmp_path / name).write_text(text, encoding="utf-8")
        elif what == "change":
            (tmp_path / name).write_text(written_anew((tmp_path / name).read_text(encoding="utf-8"), text))
        elif kind == "console":
            command, *told = text.splitlines()
            commands += 1
            typed = [sys.executable, "-c", _RUN, *shlex.split(command)[2:]]
            done = subprocess.run(typed, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
            heard = (done.stdout + done.stderr).splitlines()
            told, heard = ([normal(line) for line in lines if line.strip()] for lines in (told, heard))
            assert matches(told, heard), f"{command} prints\n{done.stdout}{done.stderr}"
    assert commands >= 6


def test_normal_lines_differ_where_words_do() -> None:
    assert normal("Merge     1     -    10") == normal("Merge   12   -  9")
    assert matches(["a", "...", "c"], ["a", "b", "b", "c"])
    assert not matches(["a", "c"], ["a", "b"]) and not matches(["a"], ["a", "b"])


@pytest.mark.parametrize("line", re.findall(r"nnxspec .+", (EXAMPLES / "workflow.yml").read_text(encoding="utf-8")))
def test_the_commands_of_the_workflow_can_be_typed(line: str) -> None:
    if not line.startswith(("nnxspec check", "nnxspec report")):
        pytest.skip("no command")
    parser().parse_args(shlex.split(line.partition(" writes")[0])[1:])
