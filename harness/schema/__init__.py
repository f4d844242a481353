"""The published schemas of what nnxspec writes: one each for a report, a matrix and a kill matrix."""

from __future__ import annotations

from importlib import resources


def published(name: str) -> str:
    """The text of a schema: of a ``report``, of a ``matrix``, or of the kill matrix of ``mutants``."""
    return resources.files(__package__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
