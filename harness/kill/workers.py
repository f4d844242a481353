"""Who does the tasks of the kill matrix: this process, or some others; and the journal by which a run is resumed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nnxspec
from nnxspec.spec import BackendError

from .hunts import ERROR
from .work import Task, answer

LIMIT = 600.0
"""Seconds after which a process that has not answered is ended."""

COMMAND = ("-m", "nnxspec.harness.kill")
"""What a worker runs, after the interpreter."""

ROOMS = ("spec", "properties", "reference_impl", "backends/mutants")
"""What the matrix is about. The harness is not among them: it decides nothing."""


class JournalError(ValueError):
    """A journal cannot be continued; the message is one line that says why."""


def state() -> str:
    """Short name of the laws, the strategies, the reference and the mutants as they are now."""
    found, root = hashlib.sha256(), Path(nnxspec.__file__).parent
    if not (root / "spec").is_dir():
        root = root.parents[1]  # a checkout without links
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            found.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _key(task: Task) -> str:
    return json.dumps(task, sort_keys=True, separators=(",", ":"))


class Journal:
    """Tasks that are done, with their answers, in a file to which each is added at once.

    Args:
        path: the file; None keeps them in memory.
        about: what the run is about; a journal about something else cannot be continued.

    Raises:
        JournalError: the file cannot be read or written, or is about something else.
    """

    def __init__(self, path: Path | None, about: Mapping[str, Any]) -> None:
        self.done: dict[str, dict[str, Any]] = {}
        self._path = path
        self._lock = threading.Lock()
        if path is None:
            return
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            complete = text[: text.rfind("\n") + 1]  # a run that was killed leaves half a line
            if complete:
                self._read(path, complete.splitlines(), about)
                if complete != text:
                    path.write_text(complete, encoding="utf-8")
            else:
                path.write_text(json.dumps({"format": "nnxspec-mutants-journal", **about}) + "\n", encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise JournalError(f"{path} cannot be used: {getattr(error, 'strerror', '') or error}") from None

    def _read(self, path: Path, lines: Sequence[str], about: Mapping[str, Any]) -> None:
        try:
            head, *rest = [json.loads(line) for line in lines]
            if head.pop("format") != "nnxspec-mutants-journal":
                raise KeyError("format")
            self.done = {_key(task): answered for task, answered in rest}
        except (ValueError, KeyError, AttributeError, TypeError):
            raise JournalError(f"{path} is no journal of nnxspec mutants: name another file") from None
        if head != about:
            changed = ", ".join(name for name in about if head.get(name) != about[name])
            raise JournalError(f"{path} is of another state ({changed}): delete it, or name another file")

    def add(self, task: Task, answered: dict[str, Any]) -> None:
        """Notes the answer to a task.

        Raises:
            JournalError: the file system refuses.
        """
        with self._lock:
            self.done[_key(task)] = answered
            if self._path is not None:
                try:
                    with self._path.open("a", encoding="utf-8") as file:
                        file.write(json.dumps([task, answered]) + "\n")
                except OSError as error:
                    raise JournalError(f"{self._path} cannot be written: {error.strerror or error}") from None

    def get(self, task: Task) -> dict[str, Any] | None:
        """The answer to a task, if it is done."""
        return self.done.get(_key(task))


class _Process:
    """A process that does one task after the other; one that hangs or dies is replaced."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.ended = False

    def ask(self, task: Task) -> dict[str, Any]:
        """The answer to a task. A process that dies of it gets a second chance: it may have been another's doing.

        Raises:
            BackendError: a mutant no longer fits the reference, or the process died and it was no mutant's doing.
        """
        for _ in range(2):
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            with contextlib.suppress(BrokenPipeError):  # it died: then no line comes
                process.stdin.write(json.dumps(task) + "\n")
                process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], LIMIT)
            line = process.stdout.readline() if ready else ""
            if line.endswith("\n"):
                found: dict[str, Any] = json.loads(line)
                if "failed" in found:
                    raise BackendError(found["failed"])
                return found
            self.close()
            if not ready or self.ended:
                break
        if "mutant" not in task:
            raise BackendError(f"a worker {'died' if ready else 'hung'} at the task {_key(task)}")
        return {"verdict": ERROR, "examples": 1, "seconds": 0.0 if ready else LIMIT}

    def _started(self) -> subprocess.Popen[str]:
        if self.process is None:
            # In a session of its own: ^C is for the parent, which ends it.
            self.process = subprocess.Popen(
                [sys.executable, *COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        return self.process

    def close(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self.process = None


class Crew:
    """Processes that do tasks, until the end of the `with`.

    Args:
        number: how many.
    """

    def __init__(self, number: int) -> None:
        self.processes = [_Process() for _ in range(number)]
        self.leaving = threading.Event()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        for process in self.processes:
            process.ended = True
            process.close()


def perform(
    jobs: Iterable[Sequence[Task]], journal: Journal, crew: Crew | None
) -> Iterator[tuple[Task, dict[str, Any]]]:
    """Does the tasks of jobs and gives each with its answer: first what the journal knows, then others as they come.

    Args:
        jobs: lists of tasks; those of one list are done in order by one worker.
        journal: what is done already, and where answers are noted.
        crew: who does the tasks; None does them in this process, where a mutant that hangs hangs everything.

    Raises:
        BackendError: a mutant no longer fits the reference, or a worker died of what is no mutant's doing.
        JournalError: the file system refuses.
    """
    waiting: list[Sequence[Task]] = []
    for job in jobs:
        for task in job:
            known = journal.get(task)
            if known is not None:
                yield task, known
        rest = [task for task in job if journal.get(task) is None]
        if rest:
            waiting.append(rest)
    if crew is not None:
        yield from _shared_out(waiting, journal, crew)
        return
    for job in waiting:
        for task in job:
            answered = _short(task, answer(task))
            journal.add(task, answered)
            yield task, answered


def _shared_out(
    waiting: Sequence[Sequence[Task]], journal: Journal, crew: Crew
) -> Iterator[tuple[Task, dict[str, Any]]]:
    lock, left, stop = threading.Lock(), iter(waiting), threading.Event()
    answers: queue.Queue[tuple[Task, dict[str, Any]] | Exception | None] = queue.Queue()

    def work(process: _Process) -> None:
        try:
            while not stop.is_set():
                with lock:
                    job = next(left, None)
                if job is None:
                    break
                for task in job:
                    answered = _short(task, process.ask(task))
                    if stop.is_set() or crew.leaving.is_set():  # the process may have been ended: that is no answer
                        return
                    journal.add(task, answered)
                    answers.put((task, answered))
        except Exception as error:
            answers.put(error)
        finally:
            answers.put(None)

    running = crew.processes[: len(waiting)]
    for process in running:
        threading.Thread(target=work, args=(process,), daemon=True).start()
    left_running = len(running)
    try:
        while left_running:
            found = answers.get()
            if found is None:
                left_running -= 1
            elif isinstance(found, Exception):
                raise found
            else:
                yield found
    finally:
        stop.set()


def _short(task: Task, answered: dict[str, Any]) -> dict[str, Any]:
    """An answer without what its task says already."""
    return {name: value for name, value in answered.items() if name not in ("mutant", "law", "named", "seed")}
