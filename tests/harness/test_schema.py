"""The published schemas: they are what the code says, and what is written meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nnxspec.harness.cli import main
from nnxspec.harness.matrix.merged import Matrix
from nnxspec.harness.matrix.running import Missing
from nnxspec.harness.schema import published
from nnxspec.harness.schema.generate import matrix_schema, mutants_schema, report_schema, text

from .samples import NEW, OLD

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def wrong(schema: dict[str, Any], value: Any, root: dict[str, Any], where: str = "$") -> Iterator[str]:
    """What a value lacks to meet a schema, for as much of JSON Schema as ours use."""
    if "$ref" in schema:
        yield from wrong(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, root, where)
        return
    unknown = set(schema) - {"type", "required", "properties", "additionalProperties", "items", "enum", "const"}
    assert unknown <= {"description", "minimum", "$schema", "title", "$defs"}, unknown
    kinds = schema.get("type", [])
    if kinds and not any(_is(kind, value) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{where} is {type(value).__name__}, not {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}"
    if "const" in schema and value != schema["const"]:
        yield f"{where} is {value!r}"
    if isinstance(value, dict):
        yield from (f"{where} lacks {name}" for name in schema.get("required", []) if name not in value)
        rest = schema.get("additionalProperties", True)
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, rest)
            if inner is False:
                yield f"{where} has {name}"
            elif isinstance(inner, dict):
                yield from wrong(inner, item, root, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from wrong(schema["items"], item, root, f"{where}[{i}]")


def _is(kind: str, value: Any) -> bool:
    if kind in ("integer", "number"):
        return isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)
    return isinstance(value, _TYPES[kind])


@pytest.mark.parametrize(
    ("name", "made"), [("report", report_schema), ("matrix", matrix_schema), ("mutants", mutants_schema)]
)
def test_the_files_are_what_the_code_says(name: str, made: Any) -> None:
    assert published(name) == text(made()), "python -m nnxspec.harness.schema.generate"


def test_what_is_written_meets_the_schemas() -> None:
    report, matrix = json.loads(published("report")), json.loads(published("matrix"))
    for each in (OLD, NEW):
        assert list(wrong(report, each.as_dict(), report)) == []
    assert list(wrong(matrix, Matrix([OLD, NEW], [Missing("a", "b")]).as_dict(), matrix)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.update(schema=1),
        lambda raw: raw.pop("device"),
        lambda raw: raw.update(more=1),
        lambda raw: raw.update(seed="1"),
        lambda raw: raw["laws"][0].update(verdict="perhaps"),
        lambda raw: raw["laws"][0].update(examples=True),
        lambda raw: raw["laws"][0].update(witness=[]),
        lambda raw: raw["laws"][0].update(deviations=[{"kind": "bug"}]),
        lambda raw: raw["versions"].update(jax=1),
    ],
)
def test_what_is_malformed_does_not_meet_them(change: Any) -> None:
    schema, raw = json.loads(published("report")), OLD.as_dict()
    change(raw)
    assert list(wrong(schema, raw, schema)) != []


def test_they_are_schemas_for_a_validator_that_is_not_ours() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")
    for name, value in (("report", OLD.as_dict()), ("matrix", Matrix([OLD, NEW]).as_dict())):
        schema = json.loads(published(name))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(value, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value | {"schema": 99}, schema)


def test_every_field_is_described() -> None:
    for schema in (report_schema(), report_schema()["$defs"]["record"], mutants_schema()):
        assert all(field.get("description") for field in schema["properties"].values())


@pytest.mark.parametrize("name", ["report", "matrix", "mutants"])
def test_the_command_prints_them(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--schema", name]) == 0
    assert capsys.readouterr().out == published(name)
