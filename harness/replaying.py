"""What ``--nnx-replay`` names: the witnesses in a report, or the one with a digest."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnxspec.spec import Law, MalformedScript, decode

from .report import load
from .verdicts import load_all_bindings
from .witnesses import FOLDER, recall


@dataclasses.dataclass(frozen=True)
class Replay:
    """Examples to try again.

    Args:
        examples: by law id, in order of ids.
        backend: the backend on which they failed, as the user named it then.
        device: the kind of device; empty if it is not known.
        overlooked: what was passed over when the example was found, by law id.
    """

    examples: Mapping[str, Sequence[Mapping[str, Any]]]
    backend: str
    device: str = ""
    overlooked: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)


def replay_of(text: str) -> Replay:
    """The examples that a report or a digest names. Of the laws in a report those with a witness are tried again.

    Raises:
        ValueError: there is no such report or digest, or it has no example that could be tried; one line says why.
    """
    path = Path(text)
    if path.is_file():
        report = load(path)
        found = {record.law: record.witness for record in report.laws if record.witness is not None}
        if not found:
            raise ValueError(f"{text} has no example to replay: no law failed")
        examples = {law: (_inputs(law, witness, text),) for law, witness in found.items()}
        beside = {record.law: record.overlooked for record in report.laws}
        return Replay(examples, report.named or report.backend, report.device, beside)
    kept = recall(text) if text.isalnum() else None
    if kept is None:
        raise ValueError(f"{text!r} is neither a report nor the digest of a failure that is kept in {FOLDER}")
    examples = {kept.law: (_inputs(kept.law, kept.witness, text),)}
    return Replay(examples, kept.backend, overlooked={kept.law: kept.overlooked})


def _inputs(name: str, witness: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    from nnxspec.spec.laws import LAWS

    law: Law | None = next((law for law in LAWS if law.id == name), None)
    binding = load_all_bindings().get(name)  # these modules register the kinds of data that their strategies draw
    if law is None and binding is not None:
        law = binding.law
    if law is None:
        raise ValueError(f"{where} speaks of the law {name}, which does not exist any more")
    if set(witness) != set(law.inputs):
        raise ValueError(f"{where}: {name} takes the inputs {', '.join(law.inputs) or '(none)'} by now")
    try:
        return {key: decode(witness[key], key) for key in law.inputs}
    except MalformedScript as error:
        raise ValueError(f"{where}: the example of {name} is malformed: {error}") from None
