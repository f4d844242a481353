"""Judging a law in a run: under watch, as long as a budget allows, and once more where it fails."""

from __future__ import annotations

import dataclasses
import re
import time
from collections import Counter
from typing import TYPE_CHECKING

from nnxspec.spec import LawViolated, decode

from .binding import nothing
from .overlooking import overlooking
from .search import replay
from .verdicts import BLOCKED, ERROR, HOLDS, UNSTABLE, VIOLATED, Record, judge, one_line
from .watch import current_watch

if TYPE_CHECKING:
    from .binding import Binding
    from .session import Session

AGAIN = 3
"""How often a failing example is tried again."""


def judged(binding: Binding, session: Session) -> Record:
    """The verdict on one law."""
    watch = current_watch()
    before = watch.compilations
    with watch.judging(binding.law):
        record = judge(binding, session)
        if session.budget is not None:
            record = _more(binding, session, record, session.budget.until(binding.law.id))
        if watch.hung is not None and record.error:
            record.traceback = watch.hung.where or record.traceback
        elif record.verdict in (VIOLATED, ERROR, BLOCKED):
            _try_again(binding, session, record)
    record.compilations = watch.compilations - before
    return record


def _more(binding: Binding, session: Session, record: Record, until: float) -> Record:
    """Searches on from other seeds until a time, or until the law fails."""
    rest = dataclasses.replace(binding, tried_first=nothing)  # what is enumerated has been tried
    first = session.seed
    if first is None or not binding.strategies or session.given(binding.law.id) is not None:
        return record
    try:
        while record.verdict == HOLDS and time.time() < until:
            session.seed = (session.seed or 0) + 1
            current_watch().bound()
            later = judge(rest, session)
            later.examples += record.examples
            later.unsupported += record.unsupported
            later.seconds = round(later.seconds + record.seconds, 3)
            later.features = dict(sorted((Counter(later.features) + Counter(record.features)).items()))
            later.seed = session.seed
            record = later
    finally:
        session.seed = first
    return record


def _try_again(binding: Binding, session: Session, record: Record) -> None:
    """Tries the witness again: a backend that does not always do the same is told so, whatever the law says."""
    if record.witness is None:
        return
    law = overlooking(binding.law, record.overlooked)  # what is known of it may fail on the same example, and sooner
    inputs = {name: decode(value) for name, value in record.witness.items()}
    for _ in range(0 if record.flaky else AGAIN):
        error = replay(law, session.backend, inputs).failure
        violation = error.violation if isinstance(error, LawViolated) else None
        if violation is not None:
            came = (violation.about, violation.claim, _steady(violation.difference))
            same = came == (record.about, record.claim, _steady(record.difference))
        else:
            same = error is not None and _steady(record.error) == _steady(one_line(error))
        if not same:
            record.flaky = True
            break
    if record.flaky:
        record.verdict, record.blocked_by = UNSTABLE, []


def _steady(text: str) -> str:
    """An exception's text without addresses in memory."""
    return re.sub(r"0x[0-9a-fA-F]+", "0x", text)
