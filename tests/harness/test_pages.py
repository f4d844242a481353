"""The page of a matrix and its Markdown: what is in them, and what a browser makes of them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nnxspec.harness.matrix.merged import Matrix
from nnxspec.harness.matrix.running import Missing
from nnxspec.harness.pages.markdown import markdown
from nnxspec.harness.pages.report_page import page
from nnxspec.harness.pages.words import MEANINGS, SYMBOLS, asset, example_of, glossary, prose
from nnxspec.harness.report import Report
from nnxspec.harness.verdicts import VERDICTS
from nnxspec.spec import TERMS
from nnxspec.spec.laws import LAWS

from . import browser
from .samples import BROKEN, HOSTILE, NEW, OLD, SCRIPT, record, report

MATRIX = Matrix([OLD, NEW], [Missing("flax==99", f"no such release {HOSTILE}")], ["a note"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page(MATRIX), encoding="utf-8")
    return path


class Elements(HTMLParser):
    """Notes elements and the addresses that would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        held = dict(attrs)
        self.ids += [held["id"] or ""] if "id" in held else []
        self.loaded += [held[name] or "" for name in ("src", "srcset") if name in held]
        if tag == "link":
            self.loaded.append(held.get("href") or "")
        if tag not in ("meta", "input", "br", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag


def parsed(text: str) -> Elements:
    """The elements of a page, which has to be well-formed."""
    found = Elements()
    found.feed(text)
    found.close()
    assert found.open == [] and len(found.ids) == len(set(found.ids))
    return found


def test_the_page_is_one_file_and_nothing_in_a_report_is_markup() -> None:
    text = page(MATRIX)
    found = parsed(text)
    assert found.loaded == [] and "img" not in found.tags
    assert "@import" not in text and "url(" not in text
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]  # it is there
    assert set(data["laws"]) == {each.law for each in (*OLD.laws, *NEW.laws)}
    case = data["laws"]["split.round-trip"]["found"][0]
    assert "\n\n\n".join(data["parts"][i] for i in case["script"]) == SCRIPT
    assert data["laws"]["gone.law"]["gone"] is True
    assert "/home/me" not in text and "/a/b/" not in text


def test_columns_with_the_same_finding_stand_together() -> None:
    both = page(Matrix([OLD, report(*BROKEN, version="2.0")]))
    data = json.loads(both.split('id="data">')[1].split("</script>")[0])
    assert [each["columns"] for each in data["laws"]["split.round-trip"]["found"]] == [[0, 1]]


def test_the_page_stays_light() -> None:
    laws = [record(law.id, "violated", script=SCRIPT * 20) for law in LAWS]
    many = [report(*laws, version=str(i)) for i in range(12)]
    assert len(page(Matrix(many)).encode()) < 2_000_000


def test_markdown_fits_a_comment_and_has_no_markup_of_a_report() -> None:
    text = markdown(MATRIX)
    assert "| `split.round-trip` | ✗ violated | ✓ holds |" in text
    assert "| **all** | 2 holds, 2 violated, 1 known" in text
    assert "- flax==99: no such release &lt;/script&gt;&lt;img" in text and "- a note" in text
    outside = re.sub(r"```python\n.*?\n```", "", text, flags=re.DOTALL)
    assert "<img" not in outside and "| pipe" not in outside.replace("\\| pipe", "")
    assert outside.count("<details>") == outside.count("</details>") > 2
    long = markdown(Matrix([report(*(record(law.id, "violated") for law in LAWS))]), limit=40_000)
    assert len(long) < 40_000 and "more are left out here" in long
    many = [report(*(record(law.id, "violated") for law in LAWS), version=str(i)) for i in range(8)]
    brief = markdown(Matrix(many), limit=9_000)
    assert len(brief) < 9_000 and "| ✗ | ✗ | ✗ |" in brief and "✗ violated, ≈ known" in brief
    assert "laws more, for which there is no room here." in brief
    assert "No law fails." in markdown(Matrix([report(record("merge.copy"))]))


def test_every_verdict_has_a_sign_of_its_own_and_a_word() -> None:
    assert set(SYMBOLS) == set(MEANINGS) == set(VERDICTS) and len(set(SYMBOLS.values())) == len(VERDICTS)


def test_small_things() -> None:
    assert example_of(record("merge.copy")) == "" and example_of(record("pop.complete", "violated")).startswith(
        "def make():"
    )
    assert prose("see `a<b` at https://x.org/a?b=1&c (or not).") == (
        'see <code>a&lt;b</code> at <a href="https://x.org/a?b=1&amp;c">https://x.org/a?b=1&amp;c</a> (or not).'
    )
    assert {glossary(term).split("#")[1] for term in TERMS} >= {
        "term-Params-parameters",
        "term-PRNG-states",
        "term-Filter",
    }


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(theme: int) -> None:
    pairs = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", asset("style.css")))
    colours = {name: pair.split(", ")[theme] for name, pair in pairs.items()}
    texts = ["ink", "soft", "link", *(verdict for verdict in VERDICTS)]
    for ground in ("page", "raised", "sunken"):
        for name in texts:
            high, low = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)


ALL = """
const click = (selector) => document.querySelector(selector).click();
const seen_ = () => [...document.querySelectorAll('tr.law')].filter((row) => row.offsetParent);
const rows = () => seen_().map((row) => row.dataset.law);
const shown = () => document.getElementById('shown').textContent;
const wait = () => new Promise((done) => setTimeout(done, 20));
const key = (target, key) => {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
};
const set = async (name, value) => {
  const field = document.forms[0].elements[name];
  field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); await wait();
};
const law = (name) => document.querySelector(`tr[data-law="${name}"]`);
"""


@browser.needed
def test_filters_find_laws(tmp_path: Path, written: Path) -> None:
    found = browser.check(
        tmp_path,
        written,
        ALL
        + """
        const seen = { all: rows().length, said: shown() };
        click('input[value=violated]'); await wait();
        seen.violated = rows(); seen.count = shown();
        await set('column', '1'); seen.second = rows();
        click('button[type=reset]'); await wait(); seen.cleared = rows().length;
        await set('term', 'merge'); seen.term = rows();
        seen.groups = [...document.querySelectorAll('table.laws tbody')].filter((body) => !body.hidden).length;
        click('button[type=reset]'); await wait();
        await set('words', 'ROUND isomorphic'); seen.words = rows();
        await set('words', 'fails too'); seen.failure = rows();
        await set('words', 'no such thing'); seen.none = shown();
        click('button[type=reset]'); await wait();
        click('input[name=differ]'); await wait(); seen.differ = rows().length;
        location.hash = '#merge.copy'; await wait(); await wait();
        seen.linked = rows().includes('merge.copy') && law('merge.copy').classList.contains('open');
        seen.errors = window.failed; seen.resources = performance.getEntriesByType('resource').length;
        return seen;""",
    )
    assert found == {
        "all": 11,
        "said": "11 laws",
        "violated": ["graph.build-observe", "split.round-trip", "gone.law"],
        "count": "3 of 11 laws",
        "second": ["graph.build-observe"],
        "cleared": 11,
        "term": ["merge.copy", "gone.law"],
        "groups": 1,
        "words": ["split.round-trip"],
        "failure": ["merge.copy"],
        "none": "0 of 11 laws",
        "differ": 10,
        "linked": True,
        "errors": [],
        "resources": 0,
    }


@browser.needed
def test_a_law_opens_to_all_that_is_known_of_it(tmp_path: Path, written: Path) -> None:
    found = browser.check(
        tmp_path,
        written,
        ALL
        + """
        let copied = null;
        Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { copied = text; } } });
        const button = law('split.round-trip').querySelector('button');
        button.click(); await wait();
        const panel = law('split.round-trip').nextElementSibling;
        const seen = { expanded: button.getAttribute('aria-expanded'), text: panel.textContent };
        seen.controls = document.getElementById(button.getAttribute('aria-controls')) === panel;
        seen.links = [...panel.querySelectorAll('a')].map((a) => a.getAttribute('href'));
        panel.querySelector('details').open = true;
        panel.querySelector('.copy').click(); await wait(); await wait();
        seen.copied = copied; seen.label = panel.querySelector('.copy').textContent;
        seen.images = document.querySelectorAll('img').length; seen.pwned = typeof pwned;
        key(panel.querySelector('pre'), 'Escape'); await wait();
        seen.closed = !document.querySelector('tr.detail') && document.activeElement === button;
        for (const row of document.querySelectorAll('tr.law')) row.querySelector('button').click();
        await wait();
        seen.opened = document.querySelectorAll('tr.detail').length;
        click('#close'); await wait();
        seen.after = document.querySelectorAll('tr.detail').length;
        law('merge.copy').querySelector('td').click(); await wait();
        seen.byCell = document.querySelectorAll('tr.detail').length;
        seen.errors = window.failed;
        return seen;""",
    )
    text = found.pop("text")
    for part in (
        "Minimal example (7 tried)",
        "Claim",
        "First difference",
        "Expected",
        "Came",
        "Stand-alone script",
        HOSTILE,
    ):
        assert part in text
    assert "MUST: the documentation promises it" in text
    assert any("nnx_glossary.html#term-Split-and-merge" in link for link in found.pop("links"))
    assert found == {
        "expanded": "true",
        "controls": True,
        "copied": SCRIPT,
        "label": "Copied",
        "images": 0,
        "pwned": "undefined",
        "closed": True,
        "opened": 11,
        "after": 0,
        "byCell": 1,
        "errors": [],
    }


@browser.needed
@pytest.mark.parametrize("dark", [False, True])
def test_themes_and_keys(tmp_path: Path, written: Path, dark: bool) -> None:
    found = browser.check(
        tmp_path,
        written,
        ALL
        + """
        const ground = () => getComputedStyle(document.body).backgroundColor;
        const seen = { grounds: [ground()], names: [] };
        for (let i = 0; i < 3; i += 1) {
          click('#theme'); await wait();
          seen.grounds.push(ground()); seen.names.push(document.getElementById('theme').textContent);
        }
        key(document.body, '/'); seen.search = document.activeElement.name;
        const first = document.querySelector('tr.law button');
        first.focus(); key(first, 'ArrowDown'); seen.next = document.activeElement.textContent;
        key(document.activeElement, 'ArrowUp'); seen.back = document.activeElement === first;
        seen.outline = getComputedStyle(first).outlineStyle !== 'none' || first.matches(':focus-visible');
        const stops = [...document.querySelectorAll('a, button, input, select, summary')];
        seen.order = stops.every((each) => each.tabIndex === 0);
        return seen;""",
        dark=dark,
    )
    light, black = "rgb(252, 252, 250)", "rgb(22, 24, 28)"
    system = black if dark else light
    assert found.pop("grounds") == [system, light, black, system]
    assert found.pop("names") == ["Theme: light", "Theme: dark", "Theme: as the system"]
    assert found == {
        "search": "words",
        "next": "variable.binary-operators",
        "back": True,
        "outline": True,
        "order": True,
    }


@browser.needed
@pytest.mark.parametrize("width", [320, 390, 599])
def test_a_phone_needs_no_scrolling_to_the_side(tmp_path: Path, written: Path, width: int) -> None:
    found = browser.check(
        tmp_path,
        written,
        """
        const page = frames[0].document;
        for (const button of page.querySelectorAll('tr.law button')) button.click();
        for (const more of page.querySelectorAll('details')) more.open = true;
        await new Promise((done) => setTimeout(done, 50));
        const labelled = frames[0].getComputedStyle(page.querySelector('tr.law td'), '::before').content;
        const { scrollWidth, clientWidth } = page.documentElement;
        return { over: scrollWidth - clientWidth, labelled };""",
        width=width,
    )
    assert found == {"over": 0, "labelled": '"flax 1.0"'}


@browser.needed
def test_names_stay_in_sight_when_a_wide_table_is_scrolled(tmp_path: Path) -> None:
    many: list[Report] = [report(*BROKEN, version=f"{i}.0") for i in range(12)]
    path = tmp_path / "wide.html"
    path.write_text(page(Matrix(many)), encoding="utf-8")
    found = browser.check(
        tmp_path,
        path,
        """
        scrollTo(500, 0);
        const law = document.querySelector('table.laws tbody tr.law');
        law.scrollIntoView(); await new Promise((done) => setTimeout(done, 50));
        const left = law.querySelector('th').getBoundingClientRect().left;
        const top = document.querySelector('table.laws thead th').getBoundingClientRect().top;
        return { scrolled: scrollX > 300, left: left >= 0 && left < 60, top: Math.abs(top) < 2,
                 heading: document.querySelector('h1').getBoundingClientRect().left >= 0 };""",
    )
    assert found == {"scrolled": True, "left": True, "top": True, "heading": True}
