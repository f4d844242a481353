"""The journal: what a process is trying, in a file, so that it can be told after the process died.

Before each example its inputs go into the file, in JSON. Whoever outlives the process reads them: the controller of a
distributed run, which gives the law its verdict and goes on; otherwise a watcher, a small process of its own that ends
with the run, or, where the run died, first says in which example.

This module is also that watcher's program, so it imports the standard library alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = ".nnxspec"
"""Folder in the current one that holds what one run leaves for the next, and nothing that is missed when deleted."""

_DIGITS = 10  # as in `deviations.digest_of`: this module cannot import that one


def state_folder(root: Path) -> Path | None:
    """The folder for what runs leave, made at the first call; None where nothing can be written."""
    folder = root / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


class Journal:
    """The journal of one process.

    Args:
        path: its file; made when the first example is tried, removed by `close`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wanted: dict[str, str] = {"judged": "", "term": "", "level": ""}
        self.found: dict[str, Any] | None = None
        self._handle: int | None = None
        self._broken = False

    def judging(self, law: str, term: str, level: str) -> None:
        """From here on examples are tried to judge this law."""
        self.wanted, self.found = {"judged": law, "term": term, "level": level}, None

    def example(self, law: str, inputs: Any, number: int) -> None:
        """This example, in JSON form, is about to be tried; of `law`, which may be a prerequisite of the one judged."""
        self._write(
            {
                **self.wanted,
                "law": law,
                "inputs": inputs,
                "examples": number,
                "found": self.found,
                "pid": os.getpid(),
                "time": time.time(),
            }
        )

    def failed(self, inputs: Any, difference: str) -> None:
        """An example of the law that is judged failed: kept, should the process die while looking for a smaller one."""
        self.found = {"inputs": inputs, "difference": difference}

    def note(self, why: str, where: str) -> None:
        """The process is about to end itself: why, and where it was."""
        entry = read(self.path) or {}
        self._write({**entry, "why": why, "where": where})

    def idle(self) -> None:
        """Nothing is being tried."""
        if self._handle is not None:
            self._write(None)

    def close(self) -> None:
        """Ends the journal: the process has come to its end alive."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _write(self, entry: Any) -> None:
        if self._broken:
            return
        text = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            if self._handle is None:
                self.path.parent.mkdir(exist_ok=True)
                self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
            # One call, and whoever reads stops at the first newline: what is read is old or new, and never both.
            os.pwrite(self._handle, text, 0)
        except OSError:  # a full disk must not end the run
            self._broken = True


def read(path: Path) -> dict[str, Any] | None:
    """The example that was being tried, or None."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            entry = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) and "law" in entry else None


def digest(law: str, witness: Any) -> str:
    """A short name for a law on an example, the same everywhere: with it the example can be asked for again."""
    text = json.dumps([law, witness], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def keep(folder: Path, law: str, witness: Any, backend: str) -> str:
    """Stores a failing example as `nnxspec.harness.witnesses` does, and returns its digest, which finds it again."""
    name = digest(law, witness)
    with contextlib.suppress(OSError):
        (folder / "witnesses").mkdir(exist_ok=True)
        text = json.dumps({"law": law, "backend": backend, "witness": witness}, ensure_ascii=False) + "\n"
        (folder / "witnesses" / f"{name}.json").write_text(text, encoding="utf-8")
    return name


class Watcher:
    """A process that outlives this one and, if this one dies in the middle of an example, says in which.

    Args:
        path: the journal's file.
        command: how a replay command starts, up to the law's id.
        option: the option of that command which takes the example.
        backend: how the user named the backend.
    """

    def __init__(self, path: Path, command: str, option: str, backend: str) -> None:
        program = [sys.executable, "-I", "-S", __file__, str(path), command, option, backend]
        # A session of its own: ^C on the terminal is for the run, which then ends the watcher.
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def close(self) -> None:
        """Ends the watcher; the journal has to be closed before."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def told(entry: Mapping[str, Any]) -> str:
    """In which example a process died, in one line."""
    why = entry.get("why") or "the process died"
    judged = entry.get("judged")
    behalf = f" (tried first, because {judged} needs it)" if judged not in (entry["law"], "", None) else ""
    return f"{why} in the middle of example {entry['examples']} of {entry['law']}{behalf}"


def obituary(path: Path, command: str, option: str, backend: str) -> str | None:
    """What to tell of a process that died, from its journal; None if it died between two examples, or did not die."""
    entry = read(path)
    if entry is None:
        return None
    stack = _text(path.with_suffix(".stack"))
    if stack and not entry.get("why"):
        entry["why"], entry["where"] = "the process was ended because an example did not end", stack
    name = keep(path.parent.parent, entry["law"], entry["inputs"], backend)
    lines = [f"nnxspec: {told(entry)}."]
    if entry.get("where"):
        lines += ["Where it was:", *(f"    {line}" for line in entry["where"].splitlines())]
    if entry.get("found"):
        lines.append(f"Before that, {entry['judged']} failed on another example: {entry['found']['difference']}")
        lines += ["That one once more:", f"    {once_more(entry['judged'], entry['found']['inputs'], command, option)}"]
    lines += [f"Once more ({name}):", f"    {once_more(entry['law'], entry['inputs'], command, option)}"]
    lines.append("With -n 1 (pytest-xdist) such a process is replaced, and the run goes on.")
    return "\n".join(lines) + "\n"


def once_more(law: str, inputs: Any, command: str, option: str, *_: str) -> str:
    """A command that tries a law on an example again."""
    return f"{command} {law} {option} {shlex.quote(json.dumps(inputs, separators=(',', ':')))}"


def left_behind(folder: Path, command: str, option: str, backend: str) -> list[str]:
    """What to tell of runs that died with everything around them; told once."""
    found = []
    for path in sorted((folder / "journal").glob("*.json")):
        entry = read(path)
        if entry is not None and not _alive(entry.get("pid")):
            message = obituary(path, command, option, backend)
            with contextlib.suppress(OSError):
                path.unlink()
                path.with_suffix(".stack").unlink(missing_ok=True)
            if message is not None:
                found.append("from an earlier run that died: " + message.removeprefix("nnxspec: "))
    return found


def _alive(pid: Any) -> bool:
    try:
        os.kill(int(pid), 0)
    except (OSError, TypeError, ValueError, OverflowError) as error:
        return isinstance(error, PermissionError)
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _watch(arguments: Sequence[str]) -> None:
    sys.stdin.buffer.read()  # ends when the watched process does, however it does
    path, command, option, backend = arguments
    message = obituary(Path(path), command, option, backend)
    if message is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(message)
            sys.stderr.flush()
        for each in (Path(path), Path(path).with_suffix(".stack")):
            each.unlink(missing_ok=True)


if __name__ == "__main__":
    _watch(sys.argv[1:])
