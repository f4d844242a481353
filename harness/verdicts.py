"""Verdicts: what a run says of a law, and how it comes to say it."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from hypothesis.errors import FailedHealthCheck, Unsatisfiable

from nnxspec.spec import Law, LawViolated, encode

from . import profiles
from .binding import BINDINGS, Binding
from .deviations import Deviation, digest_of
from .excluding import narrowed
from .overlooking import overlooking, speaks_of_claims
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
UNSTABLE = "unstable"
"""The law fails on the witness, but not every time, or not every time in the same way: the backend is no function."""
ERROR = "error"
"""The backend raised what no claim of the law speaks of."""

VERDICTS = (HOLDS, VIOLATED, KNOWN, FIXED, UNSUPPORTED, BLOCKED, UNSTABLE, ERROR)
"""Every verdict, in the order in which tables show them."""
FAILURES = (VIOLATED, FIXED, BLOCKED, UNSTABLE, ERROR)
"""The verdicts that make a run fail; *fixed* does so only where its reader can delete the lines: see `fails`."""


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
        compilations: programs that jax compiled meanwhile.
        seconds: how long it took.
        seed: the last seed of several (under a budget); None if it was that of the run.
        missing: the first name that the backend lacks.
        reason: why it is missing, if that is not the backend's doing (a device that is not there).
        blocked_by: ids of prerequisites that fail.
        witness: the inputs that falsify the law, in JSON form, by name.
        digest: the short name of the witness.
        claim: what was claimed, in words.
        about: which of the law's claims.
        difference: the first difference.
        expected: the right side as text.
        came: the left side as text.
        error: what the backend raised unexpectedly, on one line.
        traceback: where.
        flaky: whether the witness passed, or failed in another way, when it was tried again.
        script: a stand-alone program that shows the violation.
        features: number of examples in which each feature of scripts occurred.
        deviations: what is on record for the law, and what became of it: for each entry ``kind``, ``reason``, ``link``,
            ``where`` (file and lines), ``digest``, ``shipped``, and ``now``: ``known``, ``fixed``, ``unsupported`` or
            ``malformed``, the last with ``detail``.
        overlooked: what the law was seen to fail beside: rows of `excludes` on claims and exceptions of which it is
            known, and which were passed over on the witness.
    """

    law: str
    term: str
    level: str
    verdict: str = HOLDS
    examples: int = 0
    unsupported: int = 0
    compilations: int = 0
    seconds: float = 0.0
    seed: int | None = None
    missing: str | None = None
    reason: str = ""
    blocked_by: list[str] = field(default_factory=list)
    witness: dict[str, Any] | None = None
    digest: str = ""
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
    deviations: list[dict[str, Any]] = field(default_factory=list)
    overlooked: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain JSON values."""
        return dataclasses.asdict(self)


def fails(record: Record | Mapping[str, Any]) -> bool:
    """Whether a verdict makes the run fail.

    A deviation that is fixed does: its entry would hide the defect if it came back. But nobody can be asked to mend a
    file that nnxspec brings along, so where only such entries are fixed the run tells it and goes on.
    """
    verdict, entries = (
        (record.verdict, record.deviations) if isinstance(record, Record) else (record["verdict"], record["deviations"])
    )
    if verdict != FIXED:
        return verdict in FAILURES
    return any(entry["now"] == FIXED and not entry["shipped"] for entry in entries)


def judge(binding: Binding, session: Session) -> Record:
    """The verdict on one law: tries the witnesses of its deviations and searches, or replays the session's example."""
    law, backend = binding.law, session.backend
    record = Record(law.id, law.term.slug, law.level)
    missing = backend.missing(law.uses)
    if missing is not None:
        record.verdict, record.missing = UNSUPPORTED, missing
        return record
    start = time.perf_counter()
    known: list[tuple[Deviation, Search]] = []
    given = session.given(law.id)
    if given is not None:
        excluded = session.overlooked(law.id)
        seen = replay(overlooking(law, excluded), backend, *given)
    else:
        known = _still_violated(binding, session, record)
        seen = _search(binding, session, [deviation for deviation, _ in known])
        excluded = [one for deviation, _ in known for one in deviation.excludes]
    tried = [seen, *(witness for _, witness in known)]
    record.seconds = round(time.perf_counter() - start, 3)
    record.examples = sum(each.examples for each in tried)
    record.unsupported = sum(each.unsupported for each in tried)
    record.missing, record.reason = seen.missing, seen.reason
    record.features = dict(sorted(seen.features.items()))
    if seen.failure is not None:
        record.overlooked = [one for one in excluded if speaks_of_claims(one)]
        _explain(record, law, session, seen)
        record.blocked_by = failing_prerequisites(law, session)
        if record.blocked_by:
            record.verdict = BLOCKED
    elif known:
        _explain(record, law, session, known[0][1])
        record.verdict = KNOWN
    elif seen.examples and seen.unsupported == seen.examples:
        record.verdict = UNSUPPORTED
    if record.verdict in (HOLDS, KNOWN) and any(entry["now"] == FIXED for entry in record.deviations):
        record.verdict = FIXED
    return record


def _still_violated(binding: Binding, session: Session, record: Record) -> list[tuple[Deviation, Search]]:
    """Tries the witnesses on record and notes what became of each entry; gives those that are as they were."""
    law, still = binding.law, []
    for deviation in session.deviations.by_law.get(law.id, ()):
        now, detail = KNOWN, ""
        try:
            inputs = deviation.inputs(law)
            narrowed(binding, deviation.excludes)
        except ValueError as error:
            now, detail = "malformed", str(error)
        else:
            seen = replay(law, session.backend, inputs)
            if seen.failure is not None:
                still.append((deviation, seen))
            else:
                now = UNSUPPORTED if seen.unsupported else FIXED
        entry = {name: getattr(deviation, name) for name in ("kind", "reason", "link", "where", "digest", "shipped")}
        record.deviations.append(entry | {"now": now, "detail": detail})
    return still


def _search(binding: Binding, session: Session, known: list[Deviation]) -> Search:
    """Searches for what is not known; where it is not said what to exclude, it would only find that again."""
    if not all(deviation.excludes for deviation in known):
        return Search()
    settings = profiles.settings_for(
        session.profile, binding.scale, derandomize=session.derandomize, database=session.database
    )
    small = profiles.small_scope(session.profile, binding.law, binding.scale)
    if not known:
        return search(binding, session.backend, settings, session.seed, small)
    rest = narrowed(binding, (one for deviation in known for one in deviation.excludes))
    seen = search(rest, session.backend, settings, session.seed, small)
    if seen.witness is None and isinstance(seen.failure, Unsatisfiable | FailedHealthCheck):
        seen.failure = None  # nothing, or next to nothing, is left to try
    return seen


def _explain(record: Record, law: Law, session: Session, seen: Search) -> None:
    from .standalone import script_or_note  # it imports what few runs need

    error = seen.failure
    assert error is not None
    record.flaky = seen.flaky
    if seen.witness is not None:
        record.witness = {name: encode(value) for name, value in seen.witness.items()}
        record.digest = digest_of(law.id, record.witness)
    if isinstance(error, LawViolated):
        violation = error.violation
        record.verdict = VIOLATED
        record.claim, record.about, record.difference = violation.claim, violation.about, violation.difference
        record.expected, record.came = violation.expected, violation.came
    else:
        record.verdict = ERROR
        record.error = one_line(error)
        record.traceback = _traceback(error, law)
    if seen.witness is not None:
        record.script = script_or_note(law, seen.witness, session.backend, record)


def one_line(error: BaseException) -> str:
    """What was raised, on one line that every terminal and file can take."""
    try:
        text = printable(" ".join(str(error).split()))
    except Exception:
        text = "(its text cannot be had)"
    return f"{type(error).__name__}: {text}"[:300] if text else type(error).__name__


def printable(text: str) -> str:
    """The text with control characters (but line ends and tabs) and lone surrogates written as escapes."""
    if text.isprintable():
        return text
    kept = {"\n", "\t"}
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)


def _traceback(error: BaseException, law: Law) -> str:
    """The traceback from the law on; whole where the law is not in it (a graph that cannot be built)."""
    wanted = law.check.__code__.co_filename
    start: TracebackType | None = error.__traceback__
    while start is not None and start.tb_frame.f_code.co_filename not in (wanted, "<script>", "<literal>"):
        start = start.tb_next
    shown = start or error.__traceback__
    try:
        lines = traceback.format_exception(type(error), error, shown, limit=None if start is not None else -8)
    except Exception:  # of an exception whose own text fails
        lines = ["".join(traceback.format_tb(shown, limit=-8)), one_line(error)]
    return printable("".join(lines).rstrip())


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
            small = profiles.small_scope("quick", binding.law, binding.scale)
            seen = search(binding, session.backend, profiles.small_pass(), small=small)
            session.failing[name] = seen.failure is not None
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
