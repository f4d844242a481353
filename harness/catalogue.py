"""The laws explained: as text, as JSON, and as the page `spec/LAWS.md`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from nnxspec.spec import MUST, TERMS, Law, Term
from nnxspec.spec import laws as catalogue

_WIDTH = 110


def by_term(laws: Iterable[Law]) -> Iterator[tuple[Term, list[Law]]]:
    """The laws under their terms, in the glossary's order; terms without a law are left out."""
    held = list(laws)
    for term in TERMS:
        found = [law for law in held if law.term.slug == term.slug]
        if found:
            yield term, found


def as_dict(law: Law) -> dict[str, Any]:
    """A law as plain JSON values."""
    return {
        "id": law.id,
        "term": law.term.slug,
        "level": law.level,
        "statement": law.statement,
        "rationale": law.rationale,
        "inputs": list(law.inputs),
        "needs": list(law.needs),
        "uses": list(law.uses),
        "tags": list(law.tags),
        "reason": law.reason,
        "link": law.term.link,
    }


def overview(laws: Iterable[Law]) -> str:
    """One line a law, under its term."""
    parts = []
    for term, found in by_term(laws):
        lines = [f"{term.name} ({term.slug})"]
        for law in found:
            lead = f"  {law.id} {'' if law.level == MUST else '(SHOULD) '}"
            lines += textwrap.wrap(law.statement, _WIDTH, initial_indent=lead, subsequent_indent=" " * 6)
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def explain(law: Law) -> str:
    """Everything that is known of a law, for a reader at a terminal."""
    lines = [f"{law.id}  ({law.level}; {law.term.name})", "", *textwrap.wrap(law.statement, _WIDTH)]
    for paragraph in law.rationale.split("\n\n") if law.rationale else ():
        lines += ["", *textwrap.wrap(paragraph, _WIDTH)]
    facts = (
        ("needs", ", ".join(law.needs)),
        ("uses", ", ".join(law.uses)),
        ("inputs", ", ".join(law.inputs)),
        ("tags", ", ".join(law.tags)),
        ("remark", law.reason),
        ("term", f"{law.term.definition} {law.term.link}"),
    )
    lines.append("")
    for name, text in facts:
        if text:
            lines += textwrap.wrap(
                text, _WIDTH, initial_indent=f"{name:<8}", subsequent_indent=" " * 8, break_long_words=False
            )
    return "\n".join(lines)


def left_out() -> dict[str, str]:
    """Laws that the specification does without, with the reason, by id."""
    found: dict[str, str] = dict(getattr(catalogue, "LEFT_OUT", {}))
    return found


def markdown(laws: Iterable[Law] = catalogue.LAWS) -> str:
    """The page with every law, as it stands in `spec/LAWS.md`."""
    laws = list(laws)
    must = sum(law.level == MUST for law in laws)
    lines = [
        "# The laws",
        "",
        f"{len(laws)} laws: {must} MUST (the documentation promises it), {len(laws) - must} SHOULD (users rely on it). "
        "A law tagged *tree* binds backends",
        "with the capability `tree-mode`; one tagged *extended* goes beyond the core.",
        "",
        "This page is made from the laws: `nnxspec laws --markdown > spec/LAWS.md`. A test compares the two.",
    ]
    for term, found in by_term(laws):
        lines += ["", f"## {term.name}", "", f"{term.definition} ([glossary]({term.link}))", ""]
        for law in found:
            lines += _entry(law)
    if left_out():
        lines += ["", "## Left out", ""]
        for name, reason in sorted(left_out().items()):
            lines += _item(f"- **{name}**: {reason}")
    return "\n".join(lines) + "\n"


def _entry(law: Law) -> list[str]:
    tags = "".join(f", *{tag}*" for tag in law.tags)
    lines = _item(f"- **{law.id}** ({law.level}{tags}): {_plain(law.statement)}")
    if law.reason:
        lines += ["", *_item(f"  Remark: {_plain(law.reason)}"), ""]
    return lines


def _item(text: str) -> list[str]:
    return textwrap.wrap(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _plain(text: str) -> str:
    """The text with what Markdown would take for emphasis, HTML or a link made harmless."""
    for sign in ("\\", "*", "_", "<", "[", "]"):
        text = text.replace(sign, "\\" + sign)
    return text
