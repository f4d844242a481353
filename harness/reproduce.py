"""`nnxspec reproduce`: stand-alone scripts of violations, by law, by report, or by the short name of a witness."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnxspec.spec import Backend, BackendError, Law, MalformedScript, decode

from . import devices, lookup
from .choose import laws_matching
from .deviations import Deviation, digest_of, gather, load, shipped
from .report import load as load_report
from .session import Session
from .standalone import script_or_note
from .verdicts import Record, binding_of, judge, load_all_bindings
from .witnesses import recall

_DIGEST = re.compile(r"[0-9a-f]{10}")
_DEFAULT = "flax"


@dataclass(frozen=True)
class Case:
    """A witness of which a script is wanted.

    Args:
        law: id of the law.
        witness: its inputs in JSON form.
        backend: the backend on which it was seen, as a user names it.
    """

    law: str
    witness: Mapping[str, Any]
    backend: str

    @property
    def name(self) -> str:
        """The name of the script's file."""
        return f"{self.law}-{digest_of(self.law, self.witness)}.py"


def reproduce(arguments: argparse.Namespace) -> int:
    """Writes the scripts. Exit status: 0 written, 2 bad input."""
    from .cli import bad_input

    try:
        devices.started(None)
        load_all_bindings()  # the modules of the suite register the kinds of data that their strategies draw
        cases = found(arguments.what, arguments.backend, arguments.deviations)
        if len(cases) > 1 and arguments.out is None:
            raise ValueError(f"{arguments.what} has {len(cases)} witnesses: name a folder for the scripts with --out")
        scripts = [script(case, arguments.backend) for case in cases]
        for path, text in _places(cases, scripts, arguments.out):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path)
    except (ValueError, BackendError) as error:
        return bad_input(str(error))
    except OSError as error:
        return bad_input(f"the script cannot be written to {error.filename}: {error.strerror}")
    if arguments.out is None:
        print(scripts[0], end="")
    return 0


def _places(cases: Sequence[Case], scripts: Sequence[str], out: str | None) -> list[tuple[Path, str]]:
    """Where each script goes: a file for one, a folder for several."""
    if out is None:
        return []
    path = Path(out)
    if len(cases) == 1 and not path.is_dir() and not out.endswith("/"):
        return [(path, scripts[0])]
    if path.exists() and not path.is_dir():
        raise ValueError(f"{len(cases)} scripts want a folder, and {out} is a file")
    return [(path / case.name, text) for case, text in zip(cases, scripts, strict=True)]


def found(what: str, backend: str | None, files: Sequence[str] = ()) -> list[Case]:
    """The witnesses that a user names: by a report's path, a short name, a law's id or a pattern.

    Args:
        what: what the user typed.
        backend: the backend whose deviations are meant; None for the one that is known to violate the law.
        files: further files of deviations.

    Raises:
        ValueError: there is none; the message says how to come by one.
    """
    if Path(what).is_file():
        report = load_report(Path(what))
        cases = [Case(r.law, r.witness, backend or report.named) for r in report.laws if r.witness is not None]
        if not cases:
            raise ValueError(f"no law fails in the report {what}")
        return cases
    if _DIGEST.fullmatch(what):
        return [_by_digest(what, backend, files)]
    laws = {law.id for law in laws_matching([what])}
    named = backend or _DEFAULT
    known = gather(files, lookup.load(named), named).by_law
    entries = [entry for law in sorted(laws) for entry in known.get(law, ())]
    if not entries and backend is not None:  # what another backend violates is worth a look here, too
        entries = [entry for entry in _all(files) if entry.law in laws]
    if not entries:
        raise ValueError(
            f"no violation of {what} by {named} is on record; 'nnxspec check {named} --law {what}' looks for one"
        )
    return [Case(entry.law, entry.witness, named) for entry in entries]


def _all(files: Sequence[str]) -> list[Deviation]:
    return [entry for path in (*map(Path, files), *shipped()) for entry in load(path)]


def _by_digest(digest: str, backend: str | None, files: Sequence[str]) -> Case:
    kept = recall(digest)
    if kept is not None:
        return Case(kept.law, kept.witness, backend or kept.backend)
    for entry in _all(files):
        if entry.digest == digest:
            return Case(entry.law, entry.witness, backend or entry.backend)
    raise ValueError(
        f"no witness {digest}: neither a run that was started in this folder nor a file of deviations has it; "
        "failure messages end with a command that has the whole witness"
    )


def script(case: Case, named: str | None = None) -> str:
    """The stand-alone script of a witness, made for a backend.

    Args:
        case: the witness.
        named: the backend; None for that of the case.

    Raises:
        ValueError: the witness no longer fits its law.
        BackendError: there is no such backend.
    """
    backend = lookup.load(named or case.backend)
    law, inputs = _live(case)
    record = _seen(law, inputs, backend, named or case.backend)
    return script_or_note(law, inputs, backend, record)


def _live(case: Case) -> tuple[Law, dict[str, Any]]:
    binding = binding_of(case.law)
    if binding is None:
        raise ValueError(f"there is no law {case.law} any more")
    law = binding.law
    if set(case.witness) != set(law.inputs):
        raise ValueError(f"the witness no longer fits {law.id}, whose inputs are {', '.join(law.inputs) or '(none)'}")
    try:
        return law, {name: decode(case.witness[name], name) for name in law.inputs}
    except MalformedScript as error:
        raise ValueError(f"the witness of {law.id} no longer parses: {error}") from None


def _seen(law: Law, inputs: Mapping[str, Any], backend: Backend, named: str) -> Record | None:
    """What comes of the witness here and now, for the comment at the top; None if the law holds on it."""
    binding = binding_of(law.id)
    assert binding is not None
    record = judge(binding, Session(backend, named, example=inputs))
    if record.witness is None:
        print(f"nnxspec: {law.id} holds on this example with {backend.name} {backend.version}", file=sys.stderr)
        return None
    return record
