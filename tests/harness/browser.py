"""A headless browser for tests of pages: it opens a copy of a page that also checks itself, and says what it found."""

from __future__ import annotations

import functools
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PRELUDE = """
window.report = (found) => {
  const place = document.createElement("pre");
  place.id = "found";
  place.textContent = JSON.stringify(found);
  document.body.append(place);
};
window.failed = [];
addEventListener("error", (event) => window.failed.push(String(event.message)));
"""


@functools.cache
def chromium() -> str | None:
    """The browser's path: what NNXSPEC_CHROMIUM names, else the first one on the PATH."""
    named = os.environ.get("NNXSPEC_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


needed = pytest.mark.skipif(chromium() is None, reason="no chromium on the PATH: apt-get install chromium")


def _run(folder: Path, page: Path, *options: str) -> str:
    browser = chromium()
    assert browser is not None
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += [
        "--allow-file-access-from-files",
        f"--user-data-dir={folder / 'profile'}",
        "--host-resolver-rules=MAP * 0.0.0.0",
    ]
    done = subprocess.run(
        [*command, "--virtual-time-budget=8000", *options, page.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        timeout=90,
        check=False,
    )
    return done.stdout.decode("utf-8")


def check(folder: Path, page: Path, script: str, *, width: int | None = None, dark: bool = False) -> Any:
    """What a script finds on a page.

    Args:
        folder: an empty folder for copies of the page and for the browser's profile.
        page: the page.
        script: the body of an asynchronous function, run when the page has loaded; what it returns comes back.
        width: of the window, which may be narrower than a browser allows: the page is in a frame then, and the script
            has it as ``frames[0]``. None for a window of the browser's own width.
        dark: whether the system prefers dark.
    """
    body = f"<script>addEventListener('load', async () => report(await (async () => {{{script}}})()));</script>"
    if width is None:
        text = page.read_text(encoding="utf-8")
        copy = page.with_name(f"checked-{page.name}")
        copy.write_text(
            text.replace("<head>", f"<head><script>{_PRELUDE}</script>", 1).replace("</body>", f"{body}</body>"),
            encoding="utf-8",
        )
    else:
        copy = page.with_name(f"narrow-{page.name}")
        frame = f'<iframe src="{page.name}" style="width:{width}px;height:900px;border:0"></iframe>'
        copy.write_text(
            f"<!doctype html><head><script>{_PRELUDE}</script></head><body>{frame}{body}</body>", encoding="utf-8"
        )
    options = ["--blink-settings=preferredColorScheme=0"] if dark else ["--blink-settings=preferredColorScheme=1"]
    dom = _run(folder, copy, "--dump-dom", *options)
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None, f"the page's check did not end: {dom[-2000:]}"
    return json.loads(html.unescape(found[1]))
