"""The script language: what steps become, and what malformed scripts are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nnxspec.spec.script as script_room
from nnxspec.spec import MalformedScript, Script, Step, decode, elaborate, encode
from nnxspec.spec.script.schema import json_schema


def lines(*steps: Step, root: int = 0, without: tuple[str, ...] = ()) -> list[str]:
    return list(elaborate(Script(root, steps, without)).lines)


def test_a_variable_is_attached_at_once() -> None:
    assert lines(Step("variable")) == [
        "m0 = Block()",
        "v1 = nnx.Param(jnp.array(0, 'float32'))",
        "m0.a = v1",
        "return m0",
    ]


def test_operands_count_back_from_the_newest() -> None:
    made = lines(Step("node"), Step("variable", (0,)), Step("variable", (1,)))
    assert "m1.a = v2" in made
    assert "m0.b = v3" in made


def test_a_name_that_is_taken_moves_on() -> None:
    made = lines(Step("static"), Step("static"))
    assert made[1:3] == ["m0.a = 1", "m0.b = 1"]


def test_data_that_needs_it_is_annotated() -> None:
    assert "m0.a = nnx.data([v1, v2, v3])" in lines(Step("container"))
    assert "m0.a = nnx.data(1)" in lines(Step("value"))


def test_alias_makes_cycles_unless_told_not_to() -> None:
    assert "m0.a = m0" in lines(Step("alias"))
    assert "m0.a = m0" not in lines(Step("alias"), without=("cycles",))


def test_steps_without_operands_to_choose_from_vanish() -> None:
    assert lines(Step("set-value"), Step("draw"), Step("delete"), Step("swap")) == ["m0 = Block()", "return m0"]


def test_awkward_names_go_through_setattr() -> None:
    made = lines(Step("static", (0, 7)))
    assert made[1] == "setattr(m0, '0', 1)"


def test_lists_and_dicts_print_their_own_way() -> None:
    assert "m0.append(1)" in lines(Step("static"), root=2)
    assert "m0['a'] = 1" in lines(Step("static"), root=3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"$": "step", "name": "fly"}', "unknown step 'fly'"),
        ('{"$": "step", "name": "node", "operands": [1, 2, 3, 4]}', "takes 3 operands, not 4"),
        ('{"$": "step", "name": "node", "operands": [-1]}', "integers from 0"),
        ('{"$": "spell"}', "unknown kind 'spell'"),
        ('{"name": "node"}', "expected an object with a '$' key"),
        ('{"$": "script", "color": 1}', "script has no field 'color'"),
        ('{"$": "script", "steps": [3]}', "a script consists of steps"),
        ('{"$": "script", "without": ["gravity"]}', "unknown limit 'gravity'"),
        ('{"$": "script", "root": -1}', "root is an integer from 0"),
    ],
)
def test_malformed_data_is_named(text: str, says: str) -> None:
    with pytest.raises(MalformedScript, match=says.replace("$", r"\$")):
        decode(json.loads(text))


def test_decode_names_the_place() -> None:
    stored = encode(Script(0, (Step("node"), Step("node"))))
    stored["steps"][1]["name"] = "fly"
    with pytest.raises(MalformedScript, match=r"input\.steps\[1\]"):
        decode(stored)


def test_the_committed_schema_is_the_generated_one() -> None:
    path = Path(script_room.__file__).with_name("script.schema.json")
    assert json.loads(path.read_text()) == json_schema(), "write it anew: python -m nnxspec.spec.script.schema"
