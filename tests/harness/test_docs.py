"""The specification as a site."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.pages.site import site
from nnxspec.spec import TERMS
from nnxspec.spec.laws import LAWS

from . import browser
from .test_pages import parsed


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site(LAWS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, written once."""
    place = tmp_path_factory.mktemp("docs") / "site"
    assert main(["docs", str(place)]) == 0
    return place


def test_every_law_has_a_page_with_all_that_the_specification_says(pages: dict[str, str]) -> None:
    assert {name for name in pages if name.startswith("laws/")} == {f"laws/{law.id}.html" for law in LAWS}
    for law in LAWS:
        text = pages[f"laws/{law.id}.html"]
        assert f'<h1 class="id">{law.id}</h1>' in text and "@law(" not in text
        assert f"def {law.check.__name__}(" in text
        for name in law.needs:
            assert f'<a class="mono" href="{name}.html">{name}</a>' in text
    assert all(f'<h2 id="{term.slug}">' in pages["index.html"] for term in TERMS)
    assert "Needed by" in pages["laws/graph.build-observe.html"]


def test_pages_are_well_formed_and_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    ids = {name: set(parsed(text).ids) for name, text in pages.items() if name.endswith(".html")}
    for name, text in pages.items():
        if not name.endswith(".html"):
            continue
        for address in re.findall(r'(?:href|src)="([^"]*)"', text):
            if address.startswith("https://"):
                continue
            target, _, anchor = unquote(address).partition("#")
            folder = name.rpartition("/")[0]
            while target.startswith("../"):
                target, folder = target.removeprefix("../"), folder.rpartition("/")[0]
            place = "/".join(part for part in (folder, target) if part) if target else name
            assert place in pages, (name, address)
            assert not anchor or anchor in ids[place], (name, address)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deep" / "site"
    assert main(["docs", str(folder), "--law", "split.*"]) == 0
    assert "pages in" in capsys.readouterr().out
    old = folder / "laws" / "split.no-longer.html"
    old.touch()
    assert main(["docs", str(folder), "--law", "merge.*"]) == 0
    assert not old.exists() and not (folder / "laws" / "split.round-trip.html").exists()
    assert (folder / "laws" / "merge.copy.html").is_file()


def test_bad_input_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    for arguments, told in (
        (["file"], "is a file, and the site wants a folder"),
        (["mine"], "holds something else than such a site"),
        (["site", "--law", "no.such"], "no law and no term matches"),
        (["file/site"], "cannot be written"),
    ):
        assert main(["docs", str(tmp_path / arguments[0]), *arguments[1:]]) == 2
        assert told in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").exists()


@browser.needed
def test_the_search_of_the_index(tmp_path: Path, folder: Path) -> None:
    found = browser.check(
        tmp_path,
        folder / "index.html",
        """
        const field = document.querySelector('input[name=words]');
        const set = (value) => { field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); };
        const links = [...document.querySelectorAll('ul.laws li a')];
        const shown = () => links.filter((a) => a.offsetParent).map((a) => a.textContent);
        const seen = { all: shown().length };
        set('round isomorphic'); seen.some = shown(); seen.said = document.getElementById('shown').textContent;
        set('no such thing'); seen.none = shown().length; set(''); seen.cleared = shown().length;
        seen.errors = window.failed;
        return seen;""",
    )
    assert found["all"] == found["cleared"] == len(LAWS) and found["none"] == 0
    assert "split.round-trip" in found["some"] and found["said"].endswith(f" of {len(LAWS)}") and found["errors"] == []


@browser.needed
@pytest.mark.parametrize("name", ["index.html", "laws/module.data-or-static.html"])
def test_the_site_on_a_phone(tmp_path: Path, folder: Path, name: str) -> None:
    found = browser.check(
        tmp_path,
        folder / name,
        """
        const { scrollWidth, clientWidth } = frames[0].document.documentElement;
        return { over: scrollWidth - clientWidth };""",
        width=390,
    )
    assert found == {"over": 0}
