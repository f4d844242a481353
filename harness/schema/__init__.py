"""The published schemas of what nnxspec writes: `report.schema.json` and `matrix.schema.json`."""

from __future__ import annotations

from importlib import resources


def published(name: str) -> str:
    """The text of a schema: of a ``report`` or of a ``matrix``."""
    return resources.files(__package__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
