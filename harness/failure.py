"""The failure message: the law, the smallest example, both sides, the first difference, and how to see it again."""

from __future__ import annotations

import json
import shlex
import textwrap
from typing import Any

from nnxspec.spec import Backend, Law, decode

from .example import example_imports, example_source, law_source
from .session import Session
from .verdicts import BLOCKED, ERROR, FIXED, KNOWN, UNSTABLE, Record


def headline(record: Record, backend: Backend) -> str:
    """The verdict in one line."""
    who = f"{backend.name} {backend.version}"
    if record.verdict == ERROR:
        return f"{record.law}: error in {who}: {record.error}"
    if record.verdict == FIXED:
        return f"{record.law}: fixed in {who}: a violation on record cannot be seen any more"
    if record.verdict == UNSTABLE:
        return f"{record.law}: unstable in {who}: not every time: {record.difference or record.error}"
    if record.verdict == BLOCKED:
        return f"{record.law}: blocked in {who}: {', '.join(record.blocked_by)} fails too"
    return f"{record.law}: violated by {who}: {record.difference}"


def replay_command(record: Record, session: Session) -> str:
    """A command that tries the law on the same example again, whatever Hypothesis would draw."""
    named = shlex.quote(session.named)
    device = "" if session.device == "cpu" else f" --device {session.device}"
    start = f"nnxspec check {named}{device} --law {record.law} --example"
    if session.command != "nnxspec":
        device = device.replace("--", "--nnx-")
        start = f"pytest --pyargs nnxspec.properties --nnx-backend {named}{device} --nnx-law {record.law} --nnx-example"
    beside = "--beside" if session.command == "nnxspec" else "--nnx-beside"
    passed = f" {beside} {shlex.quote(compact(record.overlooked))}" if record.overlooked else ""
    return f"{start} {shlex.quote(compact(record.witness))}{passed}"


def compact(witness: Any) -> str:
    """A witness as JSON without spaces."""
    return json.dumps(witness, separators=(",", ":"), ensure_ascii=False)


def _indented(text: str) -> str:
    return textwrap.indent(text.strip("\n"), "    ")


def _section(title: str, text: str) -> list[str]:
    return [title, _indented(text), ""] if text.strip() else []


def message(record: Record, law: Law, session: Session, *, written: str | None = None) -> str:
    """What a person reads when a law fails.

    Args:
        record: the verdict.
        law: the law.
        session: how it was tested.
        written: path of the stand-alone script, if one was written.
    """
    backend = session.backend
    lines = [headline(record, backend), ""]
    lines += _section(f"The law ({law.level}; {law.term.name}):", "\n".join(textwrap.wrap(law.statement, 100)))
    if record.verdict == BLOCKED:
        why = f"Prerequisites that fail on this backend: {', '.join(record.blocked_by)}. Mend those first."
        lines += [why, "What was seen may follow from them.", ""]
    if record.verdict == FIXED:
        places = (f"{e['where']}: {e['reason']}" for e in record.deviations if e["now"] == FIXED)
        lines += _section("Delete these lines, whose witnesses pass, and the law is guarded again:", "\n".join(places))
        return "\n".join(lines).rstrip() + "\n"
    if known := [f"{e['kind']}: {e['reason']} ({e['where']})" for e in record.deviations if e["now"] == KNOWN]:
        lines += _section("Beside what is known of it, and was excluded from the search:", "\n".join(known))
    if record.witness is not None:
        code = example_source({name: decode(value) for name, value in record.witness.items()}, backend)
        source = law_source(law)
        imports = "\n".join(example_imports(code + source, backend))
        lines += _section(f"The smallest example found ({_tried(record)}):", f"{imports}\n\n{code}")
        lines += _section("What the law does with it:", source)
    if record.traceback:
        lines += _section("What was raised, where no claim of the law speaks of an exception:", record.traceback)
    else:
        lines += _section("Claim:", f"{record.claim} ({record.about})" if record.about else record.claim)
        lines += _section("Expected:", record.expected)
        lines += _section("Came:", record.came)
        lines += _section("First difference:", record.difference)
    if record.flaky:
        lines += [
            "Tried again, the same example passed or gave something else: the backend does not always do the same.",
            "",
        ]
    if written is not None:
        lines += _section("Stand-alone script:", f"python {shlex.quote(written)}")
    elif record.witness is not None:
        lines += _section("Stand-alone script:", f"nnxspec reproduce {record.digest} --out {record.law}.py")
    if record.witness is not None:
        lines += _section("Once more:", replay_command(record, session))
    return "\n".join(lines).rstrip() + "\n"


def _tried(record: Record) -> str:
    return "1 tried" if record.examples == 1 else f"{record.examples} tried"
