"""How verdicts are shown, and how text becomes HTML."""

from __future__ import annotations

import html
import re
from importlib import resources
from urllib.parse import quote

from nnxspec.spec import Term

from ..verdicts import BLOCKED, ERROR, FIXED, HOLDS, KNOWN, UNSTABLE, UNSUPPORTED, VERDICTS, VIOLATED, Record

SYMBOLS = {
    HOLDS: "✓",
    VIOLATED: "✗",
    KNOWN: "≈",
    FIXED: "↺",
    UNSUPPORTED: "–",
    BLOCKED: "⊘",
    UNSTABLE: "∿",
    ERROR: "!",
}
"""A sign for each verdict; the word always stands beside it."""

MEANINGS = {
    HOLDS: "no example failed",
    VIOLATED: "a claim of the law does not hold on the example shown",
    KNOWN: "violated, as a deviation on record says",
    FIXED: "a deviation is on record, and its example passes",
    UNSUPPORTED: "the backend does not offer what the law uses, or the machine has no such device",
    BLOCKED: "the law fails, and so does one that it rests on",
    UNSTABLE: "the same example fails and passes",
    ERROR: "the backend raised what no claim of the law speaks of",
}
"""What each verdict says."""

FAILING = (VIOLATED, KNOWN, BLOCKED, UNSTABLE, ERROR)
"""The verdicts of a law that the backend does not keep, on record or not."""

NOTHING = "no verdict"
"""What stands where a column has no record of a law."""

assert set(SYMBOLS) == set(MEANINGS) == set(VERDICTS)

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:)\]]")
_CODE = re.compile(r"`([^`]+)`")


def text(value: str) -> str:
    """Plain text as HTML."""
    return html.escape(value, quote=True)


def prose(value: str) -> str:
    """Text with `code` in back quotes and addresses as HTML."""
    parts, last = [], 0
    for found in _LINK.finditer(value):
        address = text(found[0])
        parts += [_coded(value[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    return "".join([*parts, _coded(value[last:])])


def _coded(value: str) -> str:
    return _CODE.sub(r"<code>\1</code>", text(value))


def paragraphs(value: str) -> str:
    """Several paragraphs as HTML."""
    return "".join(f"<p>{prose(' '.join(part.split()))}</p>" for part in value.split("\n\n") if part.strip())


def glossary(term: Term) -> str:
    """The address of a term's entry in the glossary; Sphinx makes its anchor of the term's name."""
    return f"{term.link}#term-{quote(re.sub(r'[^A-Za-z0-9._]+', '-', term.name))}"


def asset(name: str) -> str:
    """A file that lies beside this module: style or script."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def reason_of(record: Record) -> str:
    """What is to be said of a verdict on one line; empty where the law holds."""
    if record.verdict == ERROR:
        return record.error
    if record.verdict == BLOCKED:
        return f"{', '.join(record.blocked_by)} fails too"
    if record.verdict == UNSUPPORTED:
        return record.reason or (f"the backend has no {record.missing}" if record.missing else "")
    if record.verdict in (HOLDS, FIXED):
        return ""
    about = f"{record.about}: " if record.about else ""
    return f"{about}{record.difference}" if record.difference else record.error


def example_of(record: Record) -> str:
    """The example as Python in the backend's own API, as its script has it; empty if there is no script."""
    head, mark, rest = record.script.partition("\n# The example\n")
    code = rest.partition("\n# The law\n")[0].strip("\n") if mark else ""
    return code
