"""The places that name the rooms agree with the folders: pyproject.toml, the links, conftest.py and the README."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = {entry.parent.name for entry in ROOT.glob("*/__init__.py")}
HATCH = PYPROJECT["tool"]["hatch"]["build"]


def test_every_room_is_built_into_the_wheel_once() -> None:
    wheel = HATCH["targets"]["wheel"]
    assert set(wheel["only-include"]) == ROOMS | {"src/nnxspec"}
    assert wheel["sources"] == {room: f"nnxspec/{room}" for room in ROOMS} | {"src/nnxspec": "nnxspec"}
    assert {f"/src/nnxspec/{room}" for room in ROOMS} <= set(HATCH["exclude"])
    assert ROOMS <= set(HATCH["targets"]["sdist"]["only-include"])


def test_links_are_relative_and_complete() -> None:
    links = {path.name: os.readlink(path) for path in (ROOT / "src" / "nnxspec").iterdir() if path.is_symlink()}
    # An unpacked sdist and a checkout without symbolic links have none, and need none.
    assert links in ({}, {room: f"../../{room}" for room in ROOMS})


def test_the_plugin_has_one_name() -> None:
    """pytest refuses a module that is registered under two names."""
    plugin = "nnxspec.harness.plugin"
    assert PYPROJECT["project"]["entry-points"]["pytest11"] == {plugin: plugin}
    assert (ROOT / "conftest.py").read_text(encoding="utf-8") == f'pytest_plugins = ["{plugin}"]\n'


def test_readme_has_the_commands_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for mark in ("check", "tests"):
        assert len(re.findall(rf"^<!-- {mark} -->\n```sh\n.+\n```$", readme, re.MULTILINE)) == 1
