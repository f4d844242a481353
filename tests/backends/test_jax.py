"""Plain jax as a backend: what is translated, what is lacking, and that its findings are still there."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from nnxspec.backends.jax import load
from nnxspec.spec import Backend, Script, Step, Unsupported

from .translated import finding_fails, shares, verdicts

FINDINGS = sorted((Path(__file__).resolve().parents[2] / "findings" / "jax").glob("*.py"))


@pytest.fixture(scope="module")
def backend() -> Backend:
    if not hasattr(jax, "new_ref"):
        pytest.skip("this release of jax has no references")
    return load()


def test_laws_of_each_kind_are_judged(backend: Backend) -> None:
    assert verdicts(
        backend, "graph.build-observe", "split.round-trip", "transform.keyword-arguments", "grad.options"
    ) == {
        "graph.build-observe": "holds",
        "split.round-trip": "holds",
        "transform.keyword-arguments": "holds",
        "grad.options": "holds",
    }
    assert verdicts(backend, "variable.indexed-set", "update.local") == {
        "variable.indexed-set": "violated",
        "update.local": "unsupported",
    }


def test_tens_of_laws_ask_for_nothing_that_is_lacking(backend: Backend) -> None:
    asked, all_laws = shares(backend)
    assert asked > 50, f"{asked} of {all_laws}"


def test_a_module_is_a_pytree_of_what_jax_computes_with(backend: Backend) -> None:
    class Block(backend.Module):  # type: ignore[misc, name-defined]  # a backend's class is known at run time only
        pass

    m = Block()
    m.w, m.name, m.dtype, m.parts = backend.Param(jnp.ones(2)), "m", jnp.float32, {"b": jnp.zeros(3)}
    graphdef, leaves = backend.split(m)
    assert [leaf.shape for leaf in leaves] == [(3,), (2,)]
    again = backend.merge(graphdef, leaves)
    assert (again.name, again.dtype, type(again)) == ("m", jnp.float32, Block)
    again.w.set_value(jnp.zeros(2))
    assert m.w.get_value().tolist() == [0.0, 0.0], "the leaves are references, so the state is the Module's own"


def test_what_is_no_translation_is_unsupported(backend: Backend) -> None:
    held = backend.Variable(jnp.float32(0))
    for action in (
        lambda: backend.split(held, backend.Param),
        lambda: backend.grad(argnums=0),
        lambda: backend.jit(lambda x: x, graph=True),
        lambda: backend.fori_loop(0, 2, lambda i, v: v, held),
        lambda: backend.scan(lambda c, x: (c, x), in_axes=(backend.Carry, 1))(0, jnp.ones((2, 2))),
    ):
        with pytest.raises(Unsupported):
            action()


def test_scripts_keep_to_what_references_can_do(backend: Backend) -> None:
    from nnxspec.spec.script import elaborate, limits_of

    steps = (Step("variable", (0, 0, 1, 0, 0, 1)), Step("alias", (0, 1, 0)), Step("set-value", (0, 1, 2, 3)))
    lines = elaborate(Script(0, steps), limits_of(backend)).lines
    assert lines == (
        "m0 = Block()",
        "v1 = nnx.Param(jnp.array([0, 1], 'float32'))",
        "m0.a = v1",
        "v1.set_value(jnp.array([3, 4], 'float32'))",
        "return m0",
    )


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_is_still_there(path: Path) -> None:
    if jax.__version__ != "0.10.2":
        pytest.skip("the findings were made on jax 0.10.2")
    assert finding_fails(path)
