"""The JSON form of scripts as a JSON Schema (draft 2020-12), generated from the vocabulary of steps."""

from __future__ import annotations

from typing import Any

from .steps import EFFECTS, LIMITS, OPERATIONS


def _step(name: str) -> dict[str, Any]:
    operation = OPERATIONS.get(name) or EFFECTS[name]
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


def _limits() -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(LIMITS)}}


def _script() -> dict[str, Any]:
    return {
        "description": "builds a graph of Modules",
        "type": "object",
        "properties": {
            "$": {"const": "script"},
            "root": {"type": "integer", "minimum": 0},
            "steps": {"type": "array", "items": {"oneOf": [_step(name) for name in OPERATIONS]}},
            "without": _limits(),
        },
        "required": ["$"],
        "additionalProperties": False,
    }


def _program() -> dict[str, Any]:
    steps = [_step(name) for name in EFFECTS]
    return {
        "description": "builds a graph and runs a body on objects of it",
        "type": "object",
        "properties": {
            "$": {"const": "program"},
            "build": {"$ref": "#/$defs/script"},
            "arguments": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1},
            "body": {
                "type": "array",
                "items": {"oneOf": [{"$ref": "#/$defs/script/properties/steps/items"}, *steps]},
            },
            "without": _limits(),
        },
        "required": ["$"],
        "additionalProperties": False,
    }


def json_schema() -> dict[str, Any]:
    """The schema of a stored script or program."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nnxspec script or program",
        "description": "Operands left out count as 0.",
        "oneOf": [{"$ref": "#/$defs/script"}, {"$ref": "#/$defs/program"}],
        "$defs": {"script": _script(), "program": _program()},
    }


if __name__ == "__main__":
    import json
    from pathlib import Path

    Path(__file__).with_name("script.schema.json").write_text(json.dumps(json_schema(), indent=2) + "\n")
