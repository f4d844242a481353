"""Isolated environments, made once and kept: by uv where it is there, else by venv and pip."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import nnxspec

from .columns import Column

_READY = "ready.json"


class CannotInstall(RuntimeError):
    """An environment cannot be made; the message is one line with the reason that the installer gave.

    Args:
        reason: the line.
        log: where everything is that the installer said, if it came that far.
    """

    def __init__(self, reason: str, log: Path | None = None) -> None:
        super().__init__(reason)
        self.log = log


@dataclass
class Environments:
    """The environments below a folder.

    Args:
        folder: where they are kept.
        installer: ``uv`` or ``pip``; None for uv where it is on the PATH, else pip.
        fresh: whether environments of earlier commands are made anew.
        run: how a process is started and waited for.
    """

    folder: Path
    installer: str | None = None
    fresh: bool = False
    run: Callable[[Sequence[str], Path | None], tuple[int, str]] = field(
        default=lambda command, cwd: _run(command, cwd)
    )
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.installer = self.installer or ("uv" if shutil.which("uv") else "pip")

    def python_for(self, column: Column, say: Callable[[str], None]) -> Path:
        """The Python of the environment of a column, which is made if it is not there yet.

        Args:
            column: the column.
            say: takes a line on what is being done.

        Raises:
            CannotInstall: it cannot be made.
        """
        base = find_python(column.python, self.installer == "uv", self.run)
        wanted = sorted({*column.requirements, *own_requirements(column.requirements)})
        name = place_of(column, base, wanted)
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / name
        python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        with lock, _alone(self.folder / f"{name}.lock"):
            if name in self._made or (not self.fresh and (place / _READY).is_file() and python.exists()):
                return python
            shutil.rmtree(place, ignore_errors=True)
            listed = ", ".join(column.requirements) or "nothing of its own"
            say(f"making its environment with {self.installer}: {listed}")
            self._make(place, python, base, wanted, column)
            self._made.add(name)
        return python

    def _make(self, place: Path, python: Path, base: str, wanted: list[str], column: Column) -> None:
        if self.installer == "uv":
            make = ["uv", "venv", "--quiet", "--python", base, str(place)]
            install = ["uv", "pip", "install", "--quiet", "--python", str(python), *wanted]
        else:
            make = [base, "-m", "venv", str(place)]
            install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *wanted]
        for command in (make, install):
            status, heard = self.run(command, None)
            if status:
                log = self.folder / f"{place.name}.log"
                log.write_text(f"$ {' '.join(command)}\n{heard}", encoding="utf-8")
                shutil.rmtree(place, ignore_errors=True)
                raise CannotInstall(reason(heard, column), log)
        (place / _READY).write_text(json.dumps({"installed": wanted}, indent=1) + "\n", encoding="utf-8")


def place_of(column: Column, base: str, wanted: Sequence[str]) -> str:
    """The name of the folder of an environment: what is first in it, for people, and a digest of all."""
    digest = hashlib.sha256("\n".join([base, *wanted]).encode()).hexdigest()[:10]
    first = re.sub(r"[^A-Za-z0-9.]+", "-", column.requirements[0] if column.requirements else "own").strip("-")
    return f"{first}-{digest}"


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps two commands from making one environment at the same time, where the system has locks of files."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def own_requirements(replaced: Sequence[str]) -> list[str]:
    """What nnxspec itself needs, but for what a column says more about: there its author knows better.

    Args:
        replaced: the column's requirements. One on jax speaks for jaxlib too.
    """
    taken: set[str] = {canonicalize_name(Requirement(text).name) for text in replaced if Requirement(text).specifier}
    taken |= {"jaxlib"} if "jax" in taken else set()
    found = [Requirement(text) for text in _declared()]
    return [str(each) for each in found if not _extra(each) and canonicalize_name(each.name) not in taken]


def _declared() -> list[str]:
    project = Path(nnxspec.__file__).resolve().parents[2] / "pyproject.toml"
    if project.is_file():  # a checkout: what was installed from it may be older
        declared = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if declared.get("name") == "nnxspec":
            return list(declared["dependencies"])
    return metadata.requires("nnxspec") or []


def _extra(requirement: Requirement) -> bool:
    return requirement.marker is not None and "extra" in str(requirement.marker)


def find_python(wanted: str | None, uv: bool, run: Callable[[Sequence[str], Path | None], tuple[int, str]]) -> str:
    """The path of a Python: the one that runs now, one on the PATH, one that pyenv has, or one that uv finds.

    Raises:
        CannotInstall: there is none.
    """
    if wanted is None or wanted == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    for candidate in _candidates(wanted, uv, run):
        status, heard = run(
            [candidate, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"], None
        )
        if status == 0 and heard.strip() == wanted:
            return candidate
    raise CannotInstall(f"there is no Python {wanted} here: neither on the PATH nor known to pyenv or uv")


def _candidates(wanted: str, uv: bool, run: Callable[[Sequence[str], Path | None], tuple[int, str]]) -> Iterator[str]:
    on_path = shutil.which(f"python{wanted}")
    if on_path:
        yield on_path
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in sorted(root.glob(f"versions/{wanted}*/bin/python{wanted}"), reverse=True):
        yield str(found)
    if uv:
        status, heard = run(["uv", "python", "find", wanted], None)
        if status == 0 and heard.strip():
            yield heard.strip().splitlines()[-1]


def _run(command: Sequence[str], cwd: Path | None) -> tuple[int, str]:
    """Runs a process to its end: its status, and all it says."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return 127, f"{command[0]} cannot be started: {error.strerror or error}"
    return done.returncode, done.stdout


def reason(heard: str, column: Column) -> str:
    """Why an installation failed, on one line, in the installer's own words."""
    lines = [line.strip() for line in heard.splitlines() if line.strip()]
    if python := _python_needed(heard, column):
        wanted, which = python
        return f"{wanted} needs Python {which}: choose one, as in {column.text.partition('@')[0]}@3.{_minor(which)}"
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    nothing = [line for line in errors if line.startswith("No matching distribution")]
    if nothing:
        versions = re.search(r"\(from versions: (?:[^()]*, )?([^(),]+)\)", heard)
        newest = f"; the newest for this Python is {versions[1]}" if versions and versions[1] != "none" else ""
        return nothing[0] + newest
    if errors:
        conflict = [line for line in lines if re.match(r"(?:\S+ \S+ depends on|The user requested) ", line)]
        return " ".join([errors[0], "; ".join(conflict[:4])]).strip()[:500]
    causes = heard.partition("cause:")[2] or heard.partition("error:")[2] or " ".join(lines[-4:])
    return " ".join(causes.split())[:500] or "the installer failed and said nothing"


def _python_needed(heard: str, column: Column) -> tuple[str, str] | None:
    """The requirement that wants another Python, and which."""
    for text in column.requirements:
        release = re.fullmatch(r"[^=]+==([^=*]+)", text)
        ignored = release and re.search(rf"(?<![\w.]){re.escape(release[1])} Requires-Python ([^;\n]+)", heard)
        by_uv = re.search(
            rf"does not satisfy Python(\S+) and {re.escape(text)} depends on Python", " ".join(heard.split())
        )
        if found := ignored or by_uv:
            return text, found[1].strip()
    return None


def _minor(which: str) -> str:
    """The least minor version of Python 3 in a specifier."""
    found = re.search(r">=\s*3\.(\d+)", which)
    return found[1] if found else "N"
