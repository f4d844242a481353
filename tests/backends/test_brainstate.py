"""brainstate as a backend: names, and nodes that go into transforms by closure."""

from __future__ import annotations

import runpy
from pathlib import Path

import jax.numpy as jnp
import pytest

from nnxspec.harness import lookup
from nnxspec.harness.standalone import standalone
from nnxspec.spec import Script, Step, check, observe
from nnxspec.spec.laws import LAWS

brainstate = pytest.importorskip("brainstate", reason="brainstate is not installed: pip install 'nnxspec[brainstate]'")
by_id = {law.id: law for law in LAWS}
SHARED = Script(0, (Step("variable"), Step("alias", (0, 1, 0)), Step("container")))


@pytest.fixture(scope="module")
def nnx():
    return lookup.load("brainstate")


def node(nnx):
    class Block(nnx.Module):
        pass

    made = Block()
    made.a = nnx.Param(jnp.zeros(2))
    made.b = made.a
    return made


def test_a_form_for_states_is_seen_as_the_variable_that_it_stands_for(nnx) -> None:
    made = node(nnx)
    (_, leaf), *rest = nnx.to_flat_state(nnx.state(made))
    assert not rest and observe(nnx, leaf) == observe(nnx, made.a)
    made.a.set_value(jnp.ones(2))
    assert observe(nnx, leaf) != observe(nnx, made.a)


def test_metadata_is_the_users(nnx) -> None:
    variable = nnx.Param(jnp.zeros(2), note=1)
    variable.set_metadata(extra="e")
    assert nnx.metadata(variable) == variable.get_metadata() == {"note": 1, "extra": "e"}


@pytest.mark.parametrize("transform", ["jit", "remat", "checkify"])
def test_a_node_goes_in_by_closure(nnx, transform: str) -> None:
    made = node(nnx)

    def body(m, x):
        m.a.set_value(m.a.get_value() + x)
        return m.b.get_value()

    getattr(nnx, transform)(body)(made, 1)
    assert made.a.get_value().tolist() == [1, 1] and made.a is made.b


def test_the_axis_of_a_node_is_that_of_its_states(nnx) -> None:
    made = node(nnx)
    nnx.vmap(lambda m, x: m.a.set_value(m.a.get_value() + x), in_axes=(0, 0))(made, jnp.arange(2))
    assert made.a.get_value().tolist() == [0, 1]


def test_one_function_for_the_same_objects(nnx) -> None:
    made, traced = node(nnx), []
    function = nnx.jit(lambda m, x: traced.append(1) or m.a.get_value() + x)
    for number in range(3):
        function(made, jnp.float32(number))
    assert len(traced) == 1


def test_a_round_trip_holds(nnx) -> None:
    check(by_id["split.round-trip"], nnx, {"make": SHARED, "filters": ()})


def test_a_script_needs_nothing_of_ours(nnx, tmp_path: Path) -> None:
    inputs = {"make": SHARED, "filters": ()}
    text = standalone(by_id["split.round-trip"], inputs, nnx)
    assert "import nnxspec" not in text and "from nnxspec" not in text
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    runpy.run_path(str(tmp_path / "script.py"), run_name="__main__")


def test_laws_that_do_not_apply_are_unsupported(nnx) -> None:
    missing = [law.id for law in LAWS if nnx.missing(law.uses)]
    assert "rng.fork" in missing and "split.round-trip" not in missing
    assert 100 < len(LAWS) - len(missing)


def test_what_brainstate_accepts_on_merging_is_told(nnx) -> None:
    made = node(nnx)
    graphdef, state = nnx.split(made)
    flat = dict(nnx.to_flat_state(state))
    with pytest.raises(ValueError):
        nnx.merge(graphdef, nnx.from_flat_state({}))
    more = nnx.from_flat_state({**flat, ("other",): flat["a",]})
    assert observe(nnx, nnx.merge(graphdef, more)) == observe(nnx, made)


FIXED = {"0.5.4": set(), "0.6.0": {"jit.bad-options"}}
"""By release, the scripts of `findings/brainstate/` that pass there."""


@pytest.mark.skipif(brainstate.__version__ not in FIXED, reason=f"the findings are of {', '.join(FIXED)}")
@pytest.mark.filterwarnings("ignore")
def test_the_findings_are_there() -> None:
    passing = set()
    for path in sorted((Path(__file__).parents[2] / "findings" / "brainstate").glob("*.py")):
        try:
            runpy.run_path(str(path))
        except AssertionError:
            continue
        passing.add(path.stem)
    assert passing == FIXED[brainstate.__version__]
