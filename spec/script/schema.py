"""The JSON form of scripts as a JSON Schema (draft 2020-12), generated from the vocabulary of steps."""

from __future__ import annotations

from typing import Any

from .steps import LIMITS, OPERATIONS


def _step(name: str) -> dict[str, Any]:
    operation = OPERATIONS[name]
    return {
        "type": "object",
        "title": operation.meaning,
        "description": "operands: " + ", ".join(operation.operands),
        "properties": {
            "$": {"const": "step"},
            "name": {"const": name},
            "operands": {
                "type": "array",
                "items": {"type": "integer", "minimum": 0},
                "maxItems": len(operation.operands),
            },
        },
        "required": ["$", "name"],
        "additionalProperties": False,
    }


def json_schema() -> dict[str, Any]:
    """The schema of a stored script."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nnxspec script",
        "description": "A program that builds a graph of Modules. Operands left out count as 0.",
        "type": "object",
        "properties": {
            "$": {"const": "script"},
            "root": {"type": "integer", "minimum": 0},
            "steps": {"type": "array", "items": {"oneOf": [_step(name) for name in OPERATIONS]}},
            "without": {"type": "array", "items": {"enum": list(LIMITS)}},
        },
        "required": ["$"],
        "additionalProperties": False,
    }


if __name__ == "__main__":
    import json
    from pathlib import Path

    Path(__file__).with_name("script.schema.json").write_text(json.dumps(json_schema(), indent=2) + "\n")
