"""Witnesses that runs have found, kept under their short names so that a later command can find them.

They lie beside Hypothesis's own files, in the folder in which the run was started; where nothing can be written there
nothing is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Session
    from .verdicts import Record

FOLDER = Path(".nnxspec", "witnesses")
"""Where they are kept, below the folder in which a run was started."""


@dataclass(frozen=True)
class Kept:
    """A witness that some run has found.

    Args:
        law: id of the law.
        backend: the backend, as the user named it.
        witness: the inputs, in JSON form, by name.
        overlooked: what was passed over when it was found.
    """

    law: str
    backend: str
    witness: dict[str, Any]
    overlooked: list[Any] = field(default_factory=list)


def remember(record: Record, session: Session) -> None:
    """Keeps the witness of a verdict, if it has one."""
    if record.witness is None:
        return
    kept = {"law": record.law, "backend": session.named, "witness": record.witness, "overlooked": record.overlooked}
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{record.digest}.json").write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError:
        pass  # a full disk or a folder without permission spoils no run


def recall(digest: str) -> Kept | None:
    """The witness of that short name; None if no run that was started here has found it."""
    try:
        return Kept(**json.loads((FOLDER / f"{digest}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
