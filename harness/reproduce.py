"""Stand-alone scripts of violations, by law, by report, or by the short name of a witness (`nnxspec reproduce`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnxspec.spec import Law, MalformedScript, decode

from . import lookup
from .choose import laws_matching
from .deviations import Deviation, digest_of, gather, load, shipped
from .report import load as load_report
from .session import Session
from .standalone import script_or_note
from .verdicts import Record, binding_of, judge
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
        overlooked: what is known of the law beside, and was passed over when the witness was found.
    """

    law: str
    witness: Mapping[str, Any]
    backend: str
    overlooked: Sequence[Any] = ()

    @property
    def name(self) -> str:
        """The name of the script's file."""
        return f"{self.law}-{digest_of(self.law, self.witness)}.py"


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
        named = backend or report.named
        cases = [Case(r.law, r.witness, named, r.overlooked) for r in report.laws if r.witness is not None]
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
        return Case(kept.law, kept.witness, backend or kept.backend, kept.overlooked)
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
    record = _seen(law, inputs, Session(backend, named or case.backend, example=inputs, beside=case.overlooked))
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


def _seen(law: Law, inputs: Mapping[str, Any], session: Session) -> Record | None:
    """What comes of the witness here and now, for the comment at the top; None if the law holds on it."""
    binding = binding_of(law.id)
    assert binding is not None
    record, backend = judge(binding, session), session.backend
    if record.witness is None:
        print(f"nnxspec: {law.id} holds on this example with {backend.name} {backend.version}", file=sys.stderr)
        return None
    return record
