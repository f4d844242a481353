"""The specification as a site: a page of terms, and one page for every law; it needs no server and no network."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import nnxspec
from nnxspec.spec import CAPABILITIES, MUST, Law

from ..catalogue import by_term, left_out
from ..example import law_source
from .frame import THEME, document, top
from .words import asset, glossary, paragraphs, prose, text

_TAGS = {
    "tree": "binds backends with the capability <code>tree-mode</code>",
    "extended": "goes beyond the core of the object model",
}


class SiteError(ValueError):
    """The site cannot be written; the message is one line that says why."""


def write(folder: Path, laws: Sequence[Law]) -> int:
    """Writes the site.

    Args:
        folder: where; made if it is not there. Pages of an earlier site in it are replaced.
        laws: what it shows.

    Returns:
        How many pages there are.

    Raises:
        SiteError: the folder holds something else, or the file system refuses.
    """
    if folder.exists() and not folder.is_dir():
        raise SiteError(f"{folder} is a file, and the site wants a folder")
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "theme.js").is_file():
            raise SiteError(f"{folder} holds something else than such a site: name an empty or a new folder")
        (folder / "laws").mkdir(parents=True, exist_ok=True)
        pages = site(laws)
        shutil.rmtree(folder / "laws")
        (folder / "laws").mkdir()
        for name, content in pages.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise SiteError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    return sum(name.endswith(".html") for name in pages)


def site(laws: Sequence[Law]) -> dict[str, str]:
    """Every file of the site by its path."""
    ordered = [law for _, found in by_term(laws) for law in found]
    needed: dict[str, list[str]] = {}
    for law in ordered:
        for name in law.needs:
            needed.setdefault(name, []).append(law.id)
    pages = {"index.html": _index(laws)}
    for i, law in enumerate(ordered):
        before = ordered[i - 1] if i else None
        after = ordered[i + 1] if i + 1 < len(ordered) else None
        pages[f"laws/{law.id}.html"] = _law(law, needed.get(law.id, []), {each.id for each in laws}, before, after)
    assets = {name: asset(name) for name in ("style.css", "theme.js", "site.js")}
    return pages | assets


def _page(title: str, description: str, body: str, *, up: str = "", script: str = "") -> str:
    assets = f'<link rel="stylesheet" href="{up}style.css">\n<script src="{up}theme.js"></script>'
    foot = f"<footer><p>Made from the laws of nnxspec {text(nnxspec.__version__)}.</p></footer>"
    tail = f'\n<script src="{up}{script}"></script>' if script else ""
    return document(title, assets, f'<div class="site">\n{body}\n{foot}\n</div>{tail}', description=description[:160])


def _index(laws: Sequence[Law]) -> str:
    title = "The laws of the NNX object model"
    must = sum(law.level == MUST for law in laws)
    lead = (
        f"{len(laws)} laws under the terms of the glossary of Flax NNX: {must} MUST (the documentation promises it), "
        f"{len(laws) - must} SHOULD (users rely on it)."
    )
    terms = list(by_term(laws))
    contents = "".join(
        f'<li><a href="#{term.slug}">{text(term.name)}</a> <small>{len(found)}</small></li>' for term, found in terms
    )
    parts = [
        top(title, lead),
        f'<ul class="toc">{contents}</ul>',
        '<form class="controls" role="search" aria-label="Search the laws"><label class="grow">Search '
        '<input type="search" name="words" placeholder="id or statement" autocomplete="off" spellcheck="false"></label>'
        '<p class="shown"><span role="status" id="shown"></span></p></form>',
        "<main>",
    ]
    for term, found in terms:
        items = "".join(
            f'<li><a href="laws/{quote(law.id)}.html">{law.id}</a>{_badges(law)}<p>{prose(law.statement)}</p></li>'
            for law in found
        )
        parts.append(
            f'<section aria-labelledby="{term.slug}"><h2 id="{term.slug}">{text(term.name)}</h2>'
            f'<p>{prose(term.definition)} <a href="{text(glossary(term))}">Glossary</a></p>'
            f'<ul class="laws">{items}</ul></section>'
        )
    if left_out():
        rows = "".join(f"<li><b>{text(name)}</b><p>{prose(why)}</p></li>" for name, why in sorted(left_out().items()))
        parts.append(f'<section><h2>Left out</h2><ul class="laws">{rows}</ul></section>')
    parts.append("</main>")
    return _page(title, f"{len(laws)} laws of the Flax NNX object model", "\n".join(parts), script="site.js")


def _badges(law: Law) -> str:
    level = "" if law.level == MUST else '<span class="level">SHOULD</span>'
    return level + "".join(f'<span class="level">{text(tag)}</span>' for tag in law.tags)


def _law(law: Law, needed_by: Sequence[str], there: set[str], before: Law | None, after: Law | None) -> str:
    def link(name: str) -> str:
        return (
            f'<a class="mono" href="{quote(name)}.html">{name}</a>' if name in there else f"<code>{text(name)}</code>"
        )

    level = "MUST: the documentation promises it" if law.level == MUST else "SHOULD: users rely on it"
    facts = [
        (
            "Term",
            f'<a href="../index.html#{law.term.slug}">{text(law.term.name)}</a>: {prose(law.term.definition)} '
            f'<a href="{text(glossary(law.term))}">In the glossary</a>',
        ),
        ("Level", level),
        ("Tags", "; ".join(f"{tag}, which {_TAGS.get(tag, '')}" if tag in _TAGS else text(tag) for tag in law.tags)),
        ("For every", ", ".join(f"<code>{text(name)}</code>" for name in law.inputs)),
        ("Rests on", ", ".join(map(link, law.needs))),
        ("Needed by", ", ".join(map(link, needed_by))),
        ("Uses", "<br>".join(_use(name) for name in law.uses)),
        ("Remark", prose(law.reason)),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts if value)
    why = f"<section><h2>Why</h2>{paragraphs(law.rationale)}</section>" if law.rationale else ""
    back = f'<a rel="prev" href="{quote(before.id)}.html">← {before.id}</a>' if before else "<span></span>"
    on = f'<a rel="next" href="{quote(after.id)}.html">{after.id} →</a>' if after else "<span></span>"
    command = f"nnxspec check flax --law {law.id}\nnnxspec reproduce {law.id} --out {law.id}.py"
    body = [
        f'<nav aria-label="Site"><a href="../index.html">All laws</a>{THEME}</nav>',
        f'<main><h1 class="id">{law.id}</h1><p class="statement">{prose(law.statement)}</p>',
        f'<dl class="facts">{listed}</dl>{why}',
        '<section><h2>The law as it is run</h2><p class="soft">It takes a backend, <code>nnx</code>, and what a search',
        "draws, and states claims; what is claimed is compared elsewhere.</p>",
        f'<pre tabindex="0"><code>{text(_source(law))}</code></pre></section>',
        '<section><h2>Try it</h2><p class="soft">The second line writes a known violation as a stand-alone script,',
        f'where one is on record.</p><pre tabindex="0"><code>{text(command)}</code></pre></section></main>',
        f'<nav aria-label="Neighbours">{back}{on}</nav>',
    ]
    return _page(f"{law.id}: {law.term.name}", law.statement, "\n".join(body), up="../")


def _use(name: str) -> str:
    found = CAPABILITIES.get(name)
    return f"<code>{text(name)}</code>" + (f" <small>{text(found.meaning)}</small>" if found else "")


def _source(law: Law) -> str:
    return law_source(law).strip("\n")
