"""Deviations: known violations of laws, kept with their witnesses in TOML files, and where they stand in a run.

A file holds entries like this one; `link` and `excludes` may be left out::

    [[deviation]]
    law = "pop.complete"
    backend = "flax"
    versions = ">=0.12.8,<0.13"
    kind = "bug"
    reason = "nnx.pop removes a shared Variable from one of its places only"
    link = "https://..."
    excludes = ["sharing"]
    witness = '{"make":{"$":"script", ...}}'

`versions` is a specifier of PEP 440, `kind` one of `KINDS`, `witness` the JSON form of the law's inputs. With
`excludes` the law is still searched, with the shape of the witness excluded: see `nnxspec.harness.excluding`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnxspec.spec import Backend, Law, MalformedScript, decode

from . import excluding
from .files import FileError, put

if TYPE_CHECKING:
    from .report import Report
    from .verdicts import Record

TODO = "todo"
"""Stands for a kind or a reason that a person has still to write: such an entry counts, and is named."""
KINDS = ("bug", "limitation", "by-design", TODO)
"""What a known violation is."""

_REQUIRED = ("law", "backend", "versions", "kind", "reason", "witness")
_FIELDS = (*_REQUIRED, "link", "excludes")
_HEADER = re.compile(r"\s*\[\[\s*deviation\s*\]\]\s*(#.*)?")
_SHOWN = 10


class DeviationError(ValueError):
    """A file of deviations cannot be used; the message is one line that names file, entry and field."""


@dataclass(frozen=True)
class Deviation:
    """One known violation of one law.

    Args:
        law: id of the law.
        backend: name of the backend.
        versions: the versions of the backend that violate it, as a specifier of PEP 440; empty for all.
        kind: one of `KINDS`.
        reason: what happens and why, in a sentence.
        witness: the inputs that show it, in JSON form, by name.
        link: where it is reported or documented.
        excludes: what to exclude when the law is searched on; empty if it cannot be said.
        path: the file it comes from.
        lines: its first and last line there; (0, 0) if they cannot be told.
        shipped: whether the file belongs to nnxspec, so that the user of a run cannot mend it.
    """

    law: str
    backend: str
    versions: str
    kind: str
    reason: str
    witness: Mapping[str, Any]
    link: str = ""
    excludes: tuple[Any, ...] = ()
    path: Path = Path()
    lines: tuple[int, int] = (0, 0)
    shipped: bool = False

    @property
    def digest(self) -> str:
        """The short name of the witness."""
        return digest_of(self.law, self.witness)

    @property
    def where(self) -> str:
        """File and lines."""
        return f"{self.path}:{self.lines[0]}-{self.lines[1]}" if self.lines[0] else str(self.path)

    def inputs(self, law: Law) -> dict[str, Any]:
        """The witness as inputs of its law.

        Raises:
            MalformedScript: the script language, or the law, has changed since it was written.
        """
        if set(self.witness) != set(law.inputs):
            raise MalformedScript(f"{law.id} takes the inputs {', '.join(law.inputs) or '(none)'}")
        return {name: decode(self.witness[name], name) for name in law.inputs}

    def fits(self, backend: Backend, named: str = "") -> bool:
        """Whether it speaks of this backend in this version."""
        return self.backend in (backend.name, named) and _contains(self.versions, backend.version)


@dataclass(frozen=True)
class Deviations:
    """Those that hold for one run.

    Args:
        by_law: entries by the id of their law.
        notices: a line for each file with entries that match nothing, or that are unfinished.
    """

    by_law: Mapping[str, Sequence[Deviation]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def digest_of(law: str, witness: Any) -> str:
    """The short name of a witness of a law, in JSON form."""
    text = json.dumps([law, witness], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def gather(files: Iterable[str | Path], backend: Backend, named: str = "", *, own: bool = True) -> Deviations:
    """The deviations of a backend out of several files.

    Args:
        files: those that the user named.
        backend: the backend, whose name and version are compared.
        named: how the user named it.
        own: whether to add the files that nnxspec brings along.

    Raises:
        DeviationError: a file cannot be read or is malformed.
    """
    from nnxspec.spec.laws import LAWS

    ids = {law.id for law in LAWS}
    by_law: dict[str, list[Deviation]] = {}
    notices: list[str] = []
    named_paths = list(dict.fromkeys(Path(file) for file in files))
    seen: set[str] = set()
    for path in named_paths:
        entries = load(path)
        unknown = [entry for entry in entries if entry.law not in ids]
        others = [entry for entry in entries if entry.law in ids and not entry.fits(backend, named)]
        unfinished = [entry for entry in entries if TODO in (entry.kind, entry.reason.partition(":")[0])]
        for found, told in (
            (unknown, "of laws that do not exist"),
            (others, f"for other backends or versions than {backend.name} {backend.version}"),
            (unfinished, f"with kind or reason {TODO!r}"),
        ):
            notices += [_notice(path, found, told)] if found else []
        _add(by_law, seen, (entry for entry in entries if entry not in unknown and entry not in others))
    if own:
        resolved = {path.resolve() for path in named_paths}
        for path in shipped():
            if path.resolve() not in resolved:
                _add(by_law, seen, (entry for entry in load(path, shipped=True) if entry.fits(backend)))
    return Deviations(by_law, tuple(notices))


def _add(by_law: dict[str, list[Deviation]], seen: set[str], entries: Iterable[Deviation]) -> None:
    for entry in entries:
        if entry.digest not in seen:  # several files may have the same one
            seen.add(entry.digest)
            by_law.setdefault(entry.law, []).append(entry)


def _notice(path: Path, entries: Sequence[Deviation], told: str) -> str:
    names = [f"{entry.law} (line {entry.lines[0]})" for entry in entries[:_SHOWN]]
    more = [f"{len(entries) - _SHOWN} more"] if len(entries) > _SHOWN else []
    return f"{path}: {len(entries)} deviation{'s' * (len(entries) != 1)} {told}: {', '.join([*names, *more])}"


def shipped() -> list[Path]:
    """The files that nnxspec brings along."""
    # The name is put together because the harness has no business with any particular backend.
    package = importlib.import_module(".".join(("nnxspec", "backends")))
    return sorted(path for folder in package.__path__ for path in Path(folder, "deviations").glob("*.toml"))


def load(path: Path, *, shipped: bool = False) -> list[Deviation]:
    """The entries of a file.

    Raises:
        DeviationError: it is missing, no TOML, or an entry is malformed.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise DeviationError(f"the deviations cannot be read from {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise DeviationError(f"{path} is no file of deviations: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise DeviationError(f"{path} is no TOML: {error}") from None
    entries = raw.pop("deviation", [])
    if raw or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        wrong = repr(next(iter(raw))) if raw else "'deviation'"
        raise DeviationError(f"{path}: {wrong} is not expected: the file is a list of entries headed [[deviation]]")
    lines = _lines(text)
    if len(lines) != len(entries):
        lines = [(0, 0)] * len(entries)
    return [_entry(path, at, entry, shipped) for at, entry in zip(lines, entries, strict=True)]


def _lines(text: str) -> list[tuple[int, int]]:
    """First and last line of each entry, comments before the next one left out."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    found = []
    for head, following in zip(heads, [*heads[1:], len(lines)], strict=True):
        last = following - 1
        while not lines[last].strip() or lines[last].lstrip().startswith("#"):
            last -= 1
        found.append((head + 1, last + 1))
    return found


def _entry(path: Path, lines: tuple[int, int], raw: dict[str, Any], shipped: bool) -> Deviation:
    where = f"{path}:{lines[0]}" if lines[0] else str(path)
    for name in _REQUIRED:
        if name not in raw:
            raise DeviationError(f"{where}: {name} is missing")
    for name, value in raw.items():
        if name not in _FIELDS:
            raise DeviationError(f"{where}: {name} is not known; fields: {', '.join(_FIELDS)}")
        if name != "excludes" and not isinstance(value, str):
            raise DeviationError(f"{where}: {name} is {type(value).__name__}, and not text")
    if raw["kind"] not in KINDS:
        raise DeviationError(f"{where}: kind is {raw['kind']!r}, none of {', '.join(KINDS)}")
    if not raw["reason"].strip():
        raise DeviationError(f"{where}: reason is empty")
    try:
        _contains(raw["versions"], "0")
        excludes = excluding.validated(raw.get("excludes", []))
        witness = json.loads(raw["witness"])
    except json.JSONDecodeError as error:
        raise DeviationError(f"{where}: witness is no JSON: {error}") from None
    except ValueError as error:
        raise DeviationError(f"{where}: {error}") from None
    if not isinstance(witness, dict):
        raise DeviationError(f"{where}: witness is no JSON object of inputs by name")
    given = {name: raw[name] for name in _FIELDS if name in raw} | {"witness": witness, "excludes": excludes}
    return Deviation(**given, path=path, lines=lines, shipped=shipped)


def _contains(versions: str, version: str) -> bool:
    """Whether a version is one of those that a specifier names.

    Raises:
        ValueError: the specifier is malformed.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        wanted = SpecifierSet(versions)
    except InvalidSpecifier:
        raise ValueError(f"versions is {versions!r}, and no specifier such as '>=0.12.8,<0.13'") from None
    try:
        return wanted.contains(Version(version), prereleases=True)
    except InvalidVersion:  # a backend may have no version of this form
        return not versions.strip()


def entry_text(deviation: Deviation) -> str:
    """An entry as TOML."""
    lines = ["[[deviation]]"]
    lines += [f"{name} = {_string(getattr(deviation, name))}" for name in _REQUIRED[:-1]]
    if deviation.link:
        lines.append(f"link = {_string(deviation.link)}")
    if deviation.excludes:
        lines.append(f"excludes = {_value(deviation.excludes)}")
    witness = json.dumps(deviation.witness, separators=(",", ":"), ensure_ascii=False)
    plain = "'" not in witness and witness.isprintable()
    lines.append(f"witness = {_quoted(witness) if plain else _string(witness)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f"'{text}'"


def _string(text: str) -> str:
    """A basic string: what JSON escapes TOML reads, and one character more has to be escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_string(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def from_record(record: Record, report: Report) -> Deviation:
    """A new entry for a law that failed, with kind and reason to be written by a person."""
    version = report.versions["backend"]
    versions = f"=={version}" if _is_version(version) else ""
    what = " ".join((record.error or f"{record.about}: {record.difference}".removeprefix(": ")).split())
    reason = f"{TODO}: {what}"
    assert record.witness is not None
    return Deviation(record.law, report.backend, versions, TODO, reason, record.witness)


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def append(path: Path, entries: Iterable[Deviation]) -> int:
    """Appends entries to a file, which keeps its text, comments included. Returns how many were written.

    Raises:
        DeviationError: the file system refuses.
    """
    texts = [entry_text(entry) for entry in entries]
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if texts:
            put(path, "\n".join([*([before] if before else []), *texts]))
    except OSError as error:
        raise DeviationError(f"{path} cannot be read: {error.strerror or error}") from None
    except FileError as error:
        raise DeviationError(str(error)) from None
    return len(texts)
