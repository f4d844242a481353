"""Verdicts: what a run says of a law, and how it comes to say it."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import time
import traceback
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from nnxspec.spec import Law, LawViolated, encode

from . import profiles
from .binding import BINDINGS, Binding
from .search import Search, replay, search
from .session import Session

HOLDS = "holds"
"""No example failed."""
VIOLATED = "violated"
"""A claim of the law does not hold on the witness."""
KNOWN = "known"
"""Violated, as a deviation on record says."""
FIXED = "fixed"
"""A deviation on record says violated, and its witness passes."""
UNSUPPORTED = "unsupported"
"""The backend lacks a name or capability that the law uses, or the machine a device."""
BLOCKED = "blocked"
"""The law fails, and so does one of its prerequisites: nothing can be said of the law itself."""
ERROR = "error"
"""The backend raised what no claim of the law speaks of."""

VERDICTS = (HOLDS, VIOLATED, KNOWN, FIXED, UNSUPPORTED, BLOCKED, ERROR)
"""Every verdict, in the order in which tables show them."""
FAILURES = (VIOLATED, FIXED, BLOCKED, ERROR)
"""The verdicts that make a run fail."""


@dataclass
class Record:
    """The verdict on one law and everything that a reader needs to believe it.

    Args:
        law: id of the law.
        term: slug of its term.
        level: MUST or SHOULD.
        verdict: one of `VERDICTS`.
        examples: examples tried, those of shrinking included.
        unsupported: how many of them needed a name that the backend lacks.
        seconds: how long it took.
        missing: the first name that the backend lacks.
        reason: why it is missing, if that is not the backend's doing (a device that is not there).
        blocked_by: ids of prerequisites that fail.
        witness: the inputs that falsify the law, in JSON form, by name.
        claim: what was claimed, in words.
        about: which of the law's claims.
        difference: the first difference.
        expected: the right side as text.
        came: the left side as text.
        error: what the backend raised unexpectedly, on one line.
        traceback: where.
        flaky: whether the witness passed when it was tried again.
        script: a stand-alone program that shows the violation.
        features: number of examples in which each feature of scripts occurred.
    """

    law: str
    term: str
    level: str
    verdict: str = HOLDS
    examples: int = 0
    unsupported: int = 0
    seconds: float = 0.0
    missing: str | None = None
    reason: str = ""
    blocked_by: list[str] = field(default_factory=list)
    witness: dict[str, Any] | None = None
    claim: str = ""
    about: str = ""
    difference: str = ""
    expected: str = ""
    came: str = ""
    error: str = ""
    traceback: str = ""
    flaky: bool = False
    script: str = ""
    features: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return dataclasses.asdict(self)


def judge(binding: Binding, session: Session) -> Record:
    """The verdict on one law: searches, or replays the session's example."""
    law, backend = binding.law, session.backend
    record = Record(law.id, law.term.slug, law.level)
    missing = backend.missing(law.uses)
    if missing is not None:
        record.verdict, record.missing = UNSUPPORTED, missing
        return record
    start = time.perf_counter()
    if session.example is not None:
        seen = replay(law, backend, session.example)
    else:
        settings = profiles.settings_for(session.profile, binding.scale, derandomize=session.derandomize)
        seen = search(binding, backend, settings, session.seed)
    record.seconds = round(time.perf_counter() - start, 3)
    record.examples, record.unsupported = seen.examples, seen.unsupported
    record.missing, record.reason = seen.missing, seen.reason
    record.features = dict(sorted(seen.features.items()))
    if seen.failure is not None:
        _explain(record, law, session, seen)
        record.blocked_by = failing_prerequisites(law, session)
        if record.blocked_by:
            record.verdict = BLOCKED
    elif seen.examples and seen.unsupported == seen.examples:
        record.verdict = UNSUPPORTED
    return record


def _explain(record: Record, law: Law, session: Session, seen: Search) -> None:
    from .standalone import script_or_note  # it imports what few runs need

    error = seen.failure
    assert error is not None
    record.flaky = seen.flaky
    if seen.witness is not None:
        record.witness = {name: encode(value) for name, value in seen.witness.items()}
    if isinstance(error, LawViolated):
        violation = error.violation
        record.verdict = VIOLATED
        record.claim, record.about, record.difference = violation.claim, violation.about, violation.difference
        record.expected, record.came = violation.expected, violation.came
    else:
        record.verdict = ERROR
        record.error = _one_line(error)
        record.traceback = _traceback(error, law)
    if seen.witness is not None:
        record.script = script_or_note(law, seen.witness, session.backend, record)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300] if text else type(error).__name__


def _traceback(error: BaseException, law: Law) -> str:
    """The traceback from the law on; whole where the law is not in it (a graph that cannot be built)."""
    wanted = law.check.__code__.co_filename
    start: TracebackType | None = error.__traceback__
    while start is not None and start.tb_frame.f_code.co_filename not in (wanted, "<script>", "<literal>"):
        start = start.tb_next
    shown = start or error.__traceback__
    lines = traceback.format_exception(type(error), error, shown, limit=None if start is not None else -8)
    return "".join(lines).rstrip()


def failing_prerequisites(law: Law, session: Session) -> list[str]:
    """Ids of the laws that this one needs, directly or not, and that fail on their small pass."""
    wanted, found = list(law.needs), []
    done = {law.id}
    while wanted:
        name = wanted.pop(0)
        if name in done:
            continue
        done.add(name)
        binding = binding_of(name)
        if binding is None:
            continue
        if _fails(binding, session):
            found.append(name)
        wanted += binding.law.needs
    return found


def _fails(binding: Binding, session: Session) -> bool:
    """Whether a law fails on its small pass; judged once per process, and the same in every process."""
    name = binding.law.id
    if name not in session.failing:
        if session.backend.missing(binding.law.uses) is not None:
            session.failing[name] = False
        else:
            session.failing[name] = search(binding, session.backend, profiles.small_pass()).failure is not None
    return session.failing[name]


def binding_of(name: str) -> Binding | None:
    """The binding of a law, wherever it is: under ``-k`` or a path not all modules of the suite are collected."""
    if name not in BINDINGS:
        load_all_bindings()
    return BINDINGS.get(name)


def load_all_bindings() -> dict[str, Binding]:
    """Imports every test module of the suite and returns the bindings by law id."""
    # The name is put together because the harness has no business with any particular property.
    package = importlib.import_module(".".join(("nnxspec", "properties")))
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".test_" in module.name:
            importlib.import_module(module.name)
    return BINDINGS
