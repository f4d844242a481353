"""Programs: their form, what the model says of them, and what stacks of transforms around them mean."""

from __future__ import annotations

import types
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from hypothesis import HealthCheck, given, settings

from nnxspec.backends import reference
from nnxspec.harness.shrink import shrunk
from nnxspec.properties.strategies.programs import layers, programs, under
from nnxspec.spec import Program, Script, Step, decode, elaborate_program, encode, first_difference, observe
from nnxspec.spec.lanes import LanesDiffer, gather, spread, variant, variant_of
from nnxspec.spec.layers import arguments, eager
from nnxspec.spec.script import realize

nnx = reference.load()
few = settings(max_examples=40, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


def param(**metadata: Any) -> Step:
    return Step("variable", (0, 0, 0, 0, 0, 1, 1))


def test_a_program_is_data() -> None:
    program = Program(Script(0, (param(),)), (0, 1), (Step("add"), Step("return", (3,))), ("body-raise",))
    assert decode(encode(program)) == program


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"arguments": ()}, "at least one"),
        ({"arguments": (-1,)}, "integers from 0"),
        ({"body": (1,)}, "consists of steps"),
        ({"without": ("nothing",)}, "unknown limit"),
        ({"build": 3}, "with a script"),
    ],
)
def test_a_malformed_program_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Program(**fields)


def test_effects_do_not_build() -> None:
    with pytest.raises(ValueError, match="body of a program only"):
        Script(0, (Step("add"),))


def test_the_text_is_what_runs() -> None:
    """A body gets the parts of its arguments by path, and does one line a step."""
    build = Script(0, (param(), Step("node"), Step("alias", (0, 0, 0))))
    made = elaborate_program(Program(build, (0, 3), (Step("vary"), Step("draw"), Step("return"))))
    assert made.body == (
        "m0 = x0",
        "v1 = m0.a",
        "m2 = m0.b",
        "out = []",
        "v1.set_value(v1.get_value() + i.astype('float32'))",
        "out.append(m2)",
        "return tuple(out)",
    ), "there is no stream to draw from"
    assert made.effects == {"value", "varying", "returns-input"}
    assert made.groups == (0, 0)


@given(program=programs())
@few
def test_the_model_knows_what_has_an_effect(program: Program) -> None:
    """A body that is said to do nothing to its arguments does nothing to them, and one that changes them is said to."""
    p = realize(nnx, program)
    args, expected = p.make(), p.make()
    p.body(jnp.int32(1), *args)
    said = p.effects - {"returns-input"}
    changed = first_difference(observe(nnx, args), observe(nnx, expected)) is not None
    assert said or not changed
    if not said & {"structure", "static", "detach", "metadata"}:
        assert structure(args) == structure(expected)


def structure(args: Any) -> Any:
    return nnx.graphdef(nnx.List([a for a in args if isinstance(a, nnx.Module | nnx.Variable)]))


@given(program=programs("body-structure", "body-statics", "body-metadata", "body-draws", "body-inputs", "body-shapes"))
@few
def test_limits_hold(program: Program) -> None:
    assert realize(nnx, program).effects <= {"value", "varying", "array"}


HELD = Script(0, (Step("node", (0, 6, 2)), Step("container", (0, 0, 0, 0, 0, 0))))
"""A Module with a List, and in it a list of three Variables."""


def test_a_new_object_that_an_input_has_is_not_returned_under_that_limit() -> None:
    """Not even where the body then takes that input out of the arguments."""
    body = (Step("variable", (0,) * 8), Step("replace", (1, 0, 2)), Step("return", (0,)))
    assert {"m1.append(v5)", "out.append(v5)"} < set(elaborate_program(Program(HELD, (0,), body)).body)
    assert "out.append(v5)" not in elaborate_program(Program(HELD, (0,), body, ("body-inputs",))).body


def test_what_varies_in_an_object_taken_out_of_the_arguments_is_said() -> None:
    """A transform sees it there, and plain Python has nothing to compare it with."""
    body = (Step("variable", (0,) * 8), Step("replace", (3, 0, 4)), Step("vary", (0, 0)))
    taken = elaborate_program(Program(HELD, (0,), body))
    assert "m1.append(v5)" in taken.body and taken.effects == {"structure", "detach", "varying"}
    assert "varying" not in elaborate_program(Program(HELD, (0,), (body[0], body[2]))).effects


@pytest.mark.parametrize("axis", [0, -1])
def test_lanes_are_slices_of_what_is_spread(axis: int) -> None:
    def make() -> Any:
        m = nnx.Dict(a=nnx.Param(jnp.arange(6.0).reshape(2, 3)), k=nnx.Variable(jax.random.key(0)), r=nnx.Rngs(0))
        m["again"] = m["a"]
        m["raw"] = jnp.arange(2)
        return m

    wide = spread(nnx, make(), axis, 3)
    assert wide["a"].get_value().shape == ((3, 2, 3) if axis == 0 else (2, 3, 3))
    for lane in range(3):
        alone = variant_of(nnx, make(), lane)
        assert jnp.array_equal(jnp.take(wide["a"].get_value(), lane, axis), alone["a"].get_value())
        assert jnp.array_equal(jnp.take(wide["raw"], lane, axis), alone["raw"])
    back = gather(nnx, [variant_of(nnx, make(), lane) for lane in range(3)], axis)
    assert first_difference(observe(nnx, back), observe(nnx, wide)) is None


def test_lanes_without_an_axis_have_to_agree() -> None:
    same = [nnx.Param(jnp.float32(1)) for _ in range(2)]
    assert gather(nnx, same, None) is same[0]
    with pytest.raises(LanesDiffer, match="differs between lanes"):
        gather(nnx, [nnx.Param(jnp.float32(1)), nnx.Param(jnp.float32(2))], None)


def test_variants_differ_in_every_dtype() -> None:
    for value in (jnp.float32(1), jnp.uint8(1), jnp.asarray(True), jnp.complex64(1), jax.random.key(0)):
        assert not jnp.array_equal(variant(value, 0), variant(value, 1))
        assert variant(value, 1).dtype == value.dtype


def program_of(body: Any) -> Any:
    def make() -> tuple[Any, ...]:
        return (nnx.Param(jnp.zeros((), "int32")), nnx.Param(jnp.ones((), "int32")))

    return types.SimpleNamespace(make=make, body=body, effects=frozenset(), groups=(0, 1), nodes=(False, False))


def count(i: Any, total: Any, other: Any) -> Any:
    total.set_value(total.get_value() * 10 + i)
    other.set_value(other.get_value() + total.get_value())
    return (total.get_value(),)


def test_the_meaning_of_a_scan_is_the_loop() -> None:
    (total, other), _, (out,) = eager(nnx, (("scan", 3, ("carry", 0), True),), program_of(count))
    assert int(total.get_value()) == 210, "carried, in reverse"
    assert other.get_value().tolist() == [211, 23, 5], "a slice each: 1 + 0, 1 + 1, 1 + 2 before"
    assert out.tolist() == [210, 21, 2]


def test_the_meaning_of_lanes_around_a_loop() -> None:
    """Two lanes, each with two iterations on its own total; the body counts them all."""
    stack = (("vmap", 2, (0, None)), ("fori", 2))
    with pytest.raises(LanesDiffer):
        eager(nnx, stack, program_of(count))
    (total, other), _, out = eager(nnx, (("vmap", 2, (0, -1)), ("fori", 2)), program_of(count))
    assert total.get_value().tolist() == [1, 100 + 23]
    assert other.get_value().tolist() == [1 + 0 + 1, 2 + 12 + 123], "the second lane starts with what is one more"
    assert out == ()


def test_arguments_get_an_axis_for_every_layer() -> None:
    total, other = arguments(nnx, (("vmap", 2, (0, None)), ("scan", 3, (0, "carry"), False)), program_of(count))
    assert total.get_value().tolist() == [[0, 1, 2], [1, 2, 3]]
    assert other.get_value().shape == ()


@given(case=under(layers(depth=2)))
@few
def test_the_meaning_does_not_depend_on_the_run(case: Any) -> None:
    stack, program = case
    try:
        one, two = (eager(nnx, stack, realize(nnx, program)) for _ in range(2))
    except Exception as error:
        assert type(error).__name__ in ("LanesDiffer", "AttributeError", "KeyError", "IndexError", "TypeError")
        return
    assert first_difference(observe(nnx, one), observe(nnx, two)) is None


def test_our_shrinker_leaves_what_matters() -> None:
    """One step of the body fails; everything else goes."""
    steps = tuple(Step(name, (1, 1)[:1]) for name in ("add", "swap", "read", "draw", "combine"))
    build = Script(2, (param(), Step("node", (1, 2, 3)), Step("rngs")))
    inputs = {"case": ((("jit",), ("remat",)), Program(build, (5, 7, 9), steps, ("body-raise",)))}
    tried: list[Any] = []

    def fails(candidate: Any) -> bool:
        tried.append(candidate)
        stack, program = candidate["case"]
        return any(s.name == "draw" for s in program.body) and any(s.name == "rngs" for s in program.build.steps)

    stack, program = shrunk(inputs, fails, 400)["case"]
    assert program.body == (Step("draw"),) and program.build == Script(0, (Step("rngs"),))
    assert len(stack) == 1 and program.arguments == (0,)
    before = len(tried)
    assert shrunk(inputs, fails, 3) and len(tried) == before + 3, "the budget holds"
