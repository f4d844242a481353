"""The report: all verdicts of a run as JSON, written at once and read with care."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nnxspec

from .files import FileError, json_object, put
from .session import Session
from .verdicts import VERDICTS, Record

SCHEMA = 2
"""Version of the report's form; raised when a reader of the old form would misread the new one."""


@dataclass
class Report:
    """All verdicts of one run.

    Args:
        backend: its name.
        named: how the user named it.
        versions: of nnxspec, python, the backend, and the distributions that it rests on.
        platform: operating system and machine.
        device: the kind of device on which laws ran.
        devices: how many there were of each kind, the CPU's beside an accelerator included.
        profile: how hard the run looked.
        seed: where searches started; None if derandomised.
        derandomize: whether every run tries the same examples.
        laws: one record a law, in the order of ids.
        notices: what is wrong with the deviations, a line for each file.
    """

    backend: str
    named: str
    versions: dict[str, str]
    platform: str
    device: str
    devices: dict[str, int]
    profile: str
    seed: int | None
    derandomize: bool
    laws: list[Record] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {"schema": SCHEMA} | dataclasses.asdict(self)


def build(session: Session, records: Sequence[Mapping[str, Any]]) -> Report:
    """The report on a session's records, as reports of tests carried them."""
    laws = sorted((Record(**record) for record in records), key=lambda record: record.law)
    return Report(
        backend=session.backend.name,
        named=session.named,
        versions=versions(session),
        platform=platform.platform(),
        device=session.device,
        devices=dict(session.devices),
        profile=session.profile,
        seed=session.seed,
        derandomize=session.derandomize,
        laws=laws,
        notices=list(session.deviations.notices),
    )


def versions(session: Session) -> dict[str, str]:
    """Versions of everything that may change a verdict."""
    found = {"nnxspec": nnxspec.__version__, "python": platform.python_version()}
    for name in dict.fromkeys((*session.backend.distributions, "jax", "jaxlib", "numpy", "hypothesis")):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | {"backend": session.backend.version}


def write(report: Report, path: Path) -> None:
    """Writes a report: whole, or not at all.

    Raises:
        FileError: the file system refuses.
    """
    put(path, json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n")


def load(path: Path) -> Report:
    """Reads a report.

    Raises:
        FileError: the file is missing, no JSON, of another schema, or no report.
    """
    return from_raw(path, raw(path))


def raw(path: Path) -> dict[str, Any]:
    """The JSON object in a file, which has a schema.

    Raises:
        FileError: the file is missing, no JSON, or no report.
    """
    return json_object(path, "report", "reports are written by --nnx-report")


def from_raw(path: Path, found: Mapping[str, Any]) -> Report:
    """The report that a JSON object is.

    Args:
        path: where it stands, for messages.
        found: the object.

    Raises:
        FileError: it is of another schema, or no report.
    """
    if found.get("schema") != SCHEMA:
        raise FileError(
            f"{path} has the schema {found.get('schema')!r}, and this nnxspec reads {SCHEMA}: write it anew"
        )
    laws = _fields(path, "", {k: v for k, v in found.items() if k != "schema"}, Report)["laws"]
    records = []
    for index, law in enumerate(laws):
        record = Record(**_fields(path, f"laws[{index}].", law, Record))
        if record.verdict not in VERDICTS:
            raise FileError(f"{path}: laws[{index}].verdict is {record.verdict!r}, none of {', '.join(VERDICTS)}")
        records.append(record)
    return Report(**{k: v for k, v in found.items() if k not in ("schema", "laws")}, laws=records)


def tolerant(path: Path, found: Mapping[str, Any]) -> tuple[Report, list[str]]:
    """A report of any schema, as far as this nnxspec understands it, for those who only look at reports.

    Args:
        path: where it stands, for messages.
        found: the JSON object.

    Returns:
        The report, and a line for what was not understood.

    Raises:
        FileError: it is of this schema and malformed, or nothing in it can be understood.
    """
    if found.get("schema") == SCHEMA:
        return from_raw(path, found), []
    laws = found.get("laws")
    if not isinstance(laws, list):
        raise FileError(f"{path} has the schema {found.get('schema')!r}, and nothing that this nnxspec can read")
    records = []
    for law in laws:
        known = _known(law, Record) if isinstance(law, dict) else {}
        if "law" in known and known.get("verdict") in VERDICTS:
            records.append(Record(**{"term": "", "level": ""} | known))
    head: dict[str, Any] = {"backend": "?", "named": "?", "versions": {}, "platform": "?", "device": "?", "devices": {}}
    head |= {"profile": "?", "seed": None, "derandomize": False} | _known(found, Report)
    head["versions"] = {"backend": "?"} | head["versions"]
    lost = f", {len(laws) - len(records)} of its {len(laws)} laws not at all" if len(records) < len(laws) else ""
    note = (
        f"{path} has the schema {found.get('schema')!r}, this nnxspec writes {SCHEMA}: read as far as they agree{lost}"
    )
    return Report(**head | {"laws": sorted(records, key=lambda record: record.law)}), [note]


def _known(value: Mapping[str, Any], cls: type) -> dict[str, Any]:
    """Those entries of an object that are fields of a dataclass, and of the right type."""
    declared = {f.name: _TYPES[str(f.type)] for f in dataclasses.fields(cls)}
    return {k: v for k, v in value.items() if k in declared and isinstance(v, declared[k]) and k != "laws"}


_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "int | None": (int, type(None)),
    "str | None": (str, type(None)),
    "dict[str, Any] | None": (dict, type(None)),
    "dict[str, str]": (dict,),
    "dict[str, int]": (dict,),
    "list[str]": (list,),
    "list[Record]": (list,),
    "list[dict[str, Any]]": (list,),
}


def _fields(path: Path, where: str, value: Any, cls: type) -> dict[str, Any]:
    """The value, which has exactly the fields of a dataclass, each of the right type.

    Raises:
        FileError: it has not.
    """
    if not isinstance(value, dict):
        raise FileError(f"{path}: {where.rstrip('.') or 'the report'} is {type(value).__name__}, not an object")
    declared = {f.name: str(f.type) for f in dataclasses.fields(cls)}
    for name in sorted(set(declared) ^ set(value)):
        raise FileError(f"{path}: {where}{name} is {'missing' if name in declared else 'not known'}")
    for name, kind in declared.items():
        if not isinstance(value[name], _TYPES[kind]) or (isinstance(value[name], bool) and "bool" not in kind):
            raise FileError(f"{path}: {where}{name} is {type(value[name]).__name__}, and not {kind}")
    return value
