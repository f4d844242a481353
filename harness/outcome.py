"""From a verdict to what pytest makes of it: pass, skip with the missing name, expected failure, or failure with the
message."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from nnxspec.spec import Law

from .failure import message
from .session import Session
from .table import one_line
from .verdicts import KNOWN, UNSUPPORTED, Record, fails
from .witnesses import remember


def settle(record: Record, law: Law, session: Session) -> None:
    """Ends the test of a law as its verdict says."""
    if record.verdict == UNSUPPORTED:
        pytest.skip(f"unsupported: {record.reason or f'{session.backend.name} does not offer {record.missing!r}'}")
    remember(record, session)
    if record.verdict == KNOWN:
        pytest.xfail(" ".join(one_line(record).split()))
    if fails(record):
        pytest.fail(message(record, law, session, written=write_script(record, session)), pytrace=False)


UNREACHED = "not tried: the time budget is spent"


def unreached() -> NoReturn:
    """Ends the test of a law that a time budget does not reach: it gets no verdict, and comes first in the next run."""
    pytest.skip(UNREACHED)


def write_script(record: Record, session: Session) -> str | None:
    """Writes the stand-alone script of a failure where the session wants one; returns its path."""
    if session.scripts is None or not record.script:
        return None
    folder = Path(session.scripts)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record.law}.py"
    path.write_text(record.script, encoding="utf-8")
    return str(path)
