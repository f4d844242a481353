"""penzai as a backend: what is translated, what is lacking, and that its findings are still there."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from nnxspec.spec import Backend, Script, Step, Unsupported
from nnxspec.spec.script import elaborate, limits_of

from .translated import finding_fails, shares, verdicts

pz = pytest.importorskip("penzai.pz", reason="penzai is not installed")
FINDINGS = sorted((Path(__file__).resolve().parents[2] / "findings" / "penzai").glob("*.py"))


@pytest.fixture(scope="module")
def backend() -> Backend:
    from nnxspec.backends.penzai import load

    return load()


def test_laws_of_each_kind_are_judged(backend: Backend) -> None:
    assert verdicts(backend, "graph.build-observe", "split.round-trip", "fold.key-sequence") == {
        "graph.build-observe": "holds",
        "split.round-trip": "holds",
        "fold.key-sequence": "holds",
    }
    assert verdicts(backend, "variable.copy-replace", "clone.deep") == {
        "variable.copy-replace": "violated",
        "clone.deep": "unsupported",
    }


def test_tens_of_laws_ask_for_nothing_that_is_lacking(backend: Backend) -> None:
    asked, all_laws = shares(backend)
    assert asked > 25, f"{asked} of {all_laws}"


def test_every_variable_of_a_script_has_a_label_of_its_own(backend: Backend) -> None:
    steps = (Step("variable", (0, 0, 0, 0, 0, 1, 0, 1)), Step("variable", (0, 1)), Step("set-value", (1, 0, 0, 3)))
    assert elaborate(Script(0, steps), limits_of(backend)).lines == (
        "v1 = nnx.Param(jnp.array(3, 'float32'), tag='t', label='v1')",
        "v2 = nnx.Param(jnp.array(0, 'float32'), label='v2')",
        "m0 = Cell(a=v1, b=v2)",
        "return m0",
    )


def test_variables_keep_type_label_and_metadata_through_split_and_merge(backend: Backend) -> None:
    class Block(backend.Module):  # type: ignore[misc, name-defined]  # a backend's class is known at run time only
        a: Any = None
        b: Any = None

    m = Block(a=backend.Param(jnp.ones(2), label="a", tag="t"), b=backend.Variable(jnp.zeros(1), label="b"))
    slots, params, rest = backend.split(m, backend.Param, ...)
    assert (len(params), len(rest)) == (1, 1)
    again = backend.merge(slots, rest, params)
    assert (type(again.a), again.a.label, backend.metadata(again.a)) == (backend.Param, "a", {"tag": "t"})
    assert isinstance(again.a, backend.Variable) and again.a is not m.a
    with pytest.raises(Unsupported, match="sees variables"):
        backend.split(m, "t")


def test_jit_writes_back_what_a_function_wrote(backend: Backend) -> None:
    v = backend.Variable(jnp.float32(1), label="v")

    def f(v: Any) -> Any:
        v.set_value(v.get_value() + 1)
        return v.get_value() * 2

    assert float(backend.jit(f)(v)) == 4 and float(v.get_value()) == 2


def test_a_stream_folds_its_count_into_its_key(backend: Backend) -> None:
    stream = backend.Rngs(noise=1).noise
    keys = [stream(), stream()]
    assert [bool((a == jax.random.fold_in(jax.random.key(1), i)).all()) for i, a in enumerate(keys)] == [True, True]
    assert int(stream.count.get_value()) == 2
    for action in (lambda: backend.Rngs(0), lambda: stream.key, lambda: backend.Rngs(a=1).b):
        with pytest.raises(Unsupported):
            action()


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_a_finding_is_still_there(path: Path) -> None:
    if importlib.metadata.version("penzai") != "0.2.5":
        pytest.skip("the findings were made on penzai 0.2.5")
    assert finding_fails(path)
