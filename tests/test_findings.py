"""Every script in `findings/` shows its finding, on the releases for which the page says so."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "findings" / "flax"
PASSING = {"0.12.8": {"transform.lifetime"}, "0.12.12": {"graphdef.property-setters"}}
"""By release, the scripts that pass there."""

# One process for all, each script in a thread of its own: see `apart` in spec/apart.py.
RUN_ALL = """
import json, pathlib, runpy, sys, threading, warnings
warnings.simplefilter("ignore")
passing = []
def run(path):
    try:
        runpy.run_path(str(path))
    except Exception:
        return
    passing.append(path.stem)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    thread = threading.Thread(target=run, args=(path,))
    thread.start()
    thread.join()
print(json.dumps(passing))
"""


def test_the_scripts_show_what_the_page_says() -> None:
    try:
        release = importlib.metadata.version("flax")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("flax is not installed")
    if release not in PASSING:
        pytest.skip(f"the findings were made on flax {', '.join(PASSING)}; this is {release}")
    done = subprocess.run([sys.executable, "-c", RUN_ALL, str(FOLDER)], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout.splitlines()[-1])) == PASSING[release]
