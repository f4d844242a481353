"""Writes the schemas anew, from the dataclasses: `python -m nnxspec.harness.schema.generate`."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from pathlib import Path
from typing import Any

from ..kill.results import SCHEMA as MUTANTS_SCHEMA
from ..matrix.merged import SCHEMA as MATRIX_SCHEMA
from ..report import SCHEMA, Report
from ..verdicts import VERDICTS, Record

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
    "int | None": {"type": ["integer", "null"]},
    "str | None": {"type": ["string", "null"]},
    "dict[str, Any] | None": {"type": ["object", "null"]},
    "dict[str, str]": _TEXTS,
    "dict[str, int]": {"type": "object", "additionalProperties": {"type": "integer"}},
    "list[str]": {"type": "array", "items": {"type": "string"}},
    "list[Record]": {"type": "array", "items": {"$ref": "#/$defs/record"}},
    "list[dict[str, Any]]": {"type": "array", "items": {"type": "object"}},
}
_ENTRY = {
    "type": "object",
    "required": ["kind", "reason", "link", "where", "digest", "shipped", "now", "detail"],
    "properties": {
        **{name: {"type": "string"} for name in ("kind", "reason", "link", "where", "digest", "detail")},
        "shipped": {"type": "boolean"},
        "now": {"enum": ["known", "fixed", "unsupported", "malformed"]},
    },
    "additionalProperties": False,
}


def described(cls: type) -> dict[str, str]:
    """What the docstring of a dataclass says of each of its fields."""
    _, _, rest = inspect.cleandoc(cls.__doc__ or "").partition("Args:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", rest, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _object(cls: type) -> dict[str, Any]:
    told = described(cls)
    fields = {f.name: _TYPES[str(f.type)] | {"description": told[f.name]} for f in dataclasses.fields(cls)}
    return {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}


def report_schema() -> dict[str, Any]:
    """The schema of a report."""
    record = _object(Record)
    record["properties"]["verdict"] = {"enum": list(VERDICTS), "description": described(Record)["verdict"]}
    record["properties"]["level"]["enum"] = ["MUST", "SHOULD"]
    record["properties"]["deviations"]["items"] = _ENTRY
    report = _object(Report)
    number = {"const": SCHEMA, "description": "version of the report's form"}
    return {
        "$schema": _DIALECT,
        "title": "Report of nnxspec: all verdicts of one run",
        **report,
        "required": ["schema", *report["required"]],
        "properties": {"schema": number, **report["properties"]},
        "$defs": {"record": record},
    }


def matrix_schema() -> dict[str, Any]:
    """The schema of a matrix, which has that of a report in it."""
    report = report_schema()
    record = report.pop("$defs")["record"]
    for name in ("$schema", "title"):
        report.pop(name)
    told = "a stand-alone program that shows the violation: its parts, by number, which stand two blank lines apart"
    number = {"type": "integer", "minimum": 0}
    record["properties"]["script"] = {"type": "array", "items": number, "description": told}
    lost = {"column": {"type": "string"}, "reason": {"type": "string"}}
    return {
        "$schema": _DIALECT,
        "title": "Matrix of nnxspec: the reports of several runs side by side",
        "type": "object",
        "required": ["schema", "columns", "missing", "parts"],
        "properties": {
            "schema": {"const": MATRIX_SCHEMA, "description": "version of the matrix's form"},
            "columns": {"type": "array", "items": {"$ref": "#/$defs/report"}},
            "missing": {
                "type": "array",
                "description": "columns without a report, and why",
                "items": {"type": "object", "required": list(lost), "properties": lost, "additionalProperties": False},
            },
            "parts": {
                "type": "array",
                "items": {"type": "string"},
                "description": "parts of scripts, each kept once",
            },
        },
        "additionalProperties": False,
        "$defs": {"report": report, "record": record},
    }


def mutants_schema() -> dict[str, Any]:
    """The schema of a kill matrix."""
    count = {"type": "integer", "minimum": 0}
    searches = {
        "caught": {
            "type": "array",
            "description": "for each seed what caught the mutant; null where the law let it pass",
            "items": {"enum": ["violated", "error", None]},
        },
        "examples": {
            "type": "array",
            "description": "for each seed how many examples that took, or how many were tried",
            "items": count,
        },
    }
    mutant = {
        "wrong": {"type": "string", "description": "what is wrong, in one line"},
        "module": {"type": "string", "description": "the module of the reference that has the fault"},
        "source": {"type": "string", "description": "where the idea comes from"},
        "budget": count | {"description": "within how many examples a law that it names has to catch it"},
        "named": {
            "type": "object",
            "description": "the searches of the laws that it names, by law",
            "additionalProperties": _closed(searches),
        },
        "row": {"type": "string", "description": "a sign for each law, in their order"},
    }
    fields = {
        "schema": {"const": MUTANTS_SCHEMA, "description": "version of the form"},
        "about": _TEXTS | {"description": "versions; 'state' is the short name of the laws and mutants as they were"},
        "seeds": {
            "type": "array",
            "description": "where the searches of named laws started; null is the derandomised one",
            "items": {"type": ["integer", "null"]},
        },
        "cap": {"type": ["integer", "null"], "description": "examples for the other laws; null if they were not tried"},
        "looked": count | {"description": "how many examples of each law were looked at: which lead into which fault"},
        "seconds": {"type": "number", "description": "how long all searches and examples took together"},
        "signs": _TEXTS | {"description": "what the signs of rows mean"},
        "laws": _TEXTS | {"description": "the laws, in order, with their terms"},
        "mutants": {
            "type": "object",
            "description": "the mutants by name",
            "additionalProperties": _closed(mutant),
        },
        "survivors": {
            "type": "array",
            "description": "mutants that a law which they name lets pass from some seed: mutant and law",
            "items": {"type": "array", "items": {"type": "string"}},
        },
        "laws_that_kill_nothing": {"type": "array", "description": "their ids", "items": {"type": "string"}},
    }
    return {"$schema": _DIALECT, "title": "Kill matrix of nnxspec: which law catches which mutant", **_closed(fields)}


def _closed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}


def text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=1) + "\n"


if __name__ == "__main__":
    for name, made in (("report", report_schema()), ("matrix", matrix_schema()), ("mutants", mutants_schema())):
        (Path(__file__).parent / f"{name}.schema.json").write_text(text(made), encoding="utf-8")
