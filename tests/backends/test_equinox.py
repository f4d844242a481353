"""equinox as a backend: what is translated, what is lacking, and that its findings are still there."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import pytest

from nnxspec.spec import Backend, Eq, Program, Script, Step, Unsupported, check, law
from nnxspec.spec.script import elaborate, elaborate_program, limits_of
from nnxspec.spec.terms import MODULE

from .translated import finding_fails, shares, verdicts

eqx = pytest.importorskip("equinox", reason="equinox is not installed")
FINDINGS = sorted((Path(__file__).resolve().parents[2] / "findings" / "equinox").glob("*.py"))


@pytest.fixture(scope="module")
def backend() -> Backend:
    from nnxspec.backends.equinox import load

    return load()


def test_laws_of_each_kind_are_judged(backend: Backend) -> None:
    assert verdicts(backend, "graph.build-observe", "split.round-trip", "eval-shape.no-effects") == {
        "graph.build-observe": "holds",
        "split.round-trip": "holds",
        "eval-shape.no-effects": "holds",
    }
    assert verdicts(backend, "module.identity-eq-hash", "variable.get-set") == {
        "module.identity-eq-hash": "violated",
        "variable.get-set": "unsupported",
    }


def test_tens_of_laws_ask_for_nothing_that_is_lacking(backend: Backend) -> None:
    asked, all_laws = shares(backend)
    assert asked > 45, f"{asked} of {all_laws}"


def test_nodes_get_all_their_parts_when_they_are_made(backend: Backend) -> None:
    steps = (
        Step("node", (0, 0, 1)),
        Step("variable", (0, 1, 0, 0, 0, 1)),
        Step("set-value", (0, 1, 2, 3)),
        Step("alias", (0, 1, 0)),
        Step("array", (1, 2, 0, 0, 1)),
        Step("value", (1, 3, 1)),
        Step("delete", (0, 0)),
    )
    assert elaborate(Script(0, steps), limits_of(backend)).lines == (
        "v2 = nnx.Param(jnp.array([0, 1], 'float32'))",
        "m1 = SubCell(b=v2)",
        "m0 = Cell(a=m1, c=jnp.array([0, 1], 'float32'), w=2.5)",
        "return m0",
    )


def test_bodies_write_nothing(backend: Backend) -> None:
    build = Script(0, (Step("variable", (0, 0, 0, 0, 0, 1)), Step("node", (0, 1))))
    program = Program(build, (0, 4), (Step("add"), Step("read"), Step("node"), Step("return", (1,))))
    made = elaborate_program(program, limits_of(backend))
    assert made.groups == (0,), "no object is reached from two arguments"
    assert made.effects == {"returns-input"}
    assert made.body[3:] == (
        "out = []",
        "out.append(v1.get_value())",
        "m3 = Cell()",
        "out.append(m2)",
        "return tuple(out)",
    )


def test_setting_an_attribute_is_unsupported(backend: Backend) -> None:
    @law("module.sets", term=MODULE)
    def sets(nnx: Any) -> Eq:
        """A node takes attributes."""

        class Block(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
            pass

        block = Block()
        block.a = 1
        return Eq(block.a, 1)

    with pytest.raises(Unsupported, match="structural-mutation"):
        check(sets, backend, {})


def test_filters_choose_by_the_type_of_variables(backend: Backend) -> None:
    tree = {"p": backend.Param(jnp.ones(1)), "v": backend.Variable(jnp.zeros(2)), "s": "word"}
    static, params, rest = backend.split(tree, backend.Param, ...)
    assert (params["v"].value, rest["p"].value, static["s"]) == (None, None, "word")
    assert eqx.tree_equal(backend.merge(static, rest, params), tree)
    with pytest.raises(Unsupported, match="sees leaves"):
        backend.split(tree, "tag")


def test_options_that_equinox_has_not_are_unsupported(backend: Backend) -> None:
    for action in (
        lambda: backend.jit(lambda x: x, static_argnums=0),
        lambda: backend.grad(lambda x, y: x, argnums=1),
        lambda: backend.remat(lambda x: x, static_argnums=0),
        lambda: backend.set_graph_mode,
    ):
        with pytest.raises(Unsupported):
            action()
    assert backend.grad(lambda x: x * x, argnums=0)(jnp.float32(3)) == 6


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_is_still_there(path: Path) -> None:
    if importlib.metadata.version("equinox") != "0.13.8":
        pytest.skip("the findings were made on equinox 0.13.8")
    assert finding_fails(path)
