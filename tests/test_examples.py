"""The example trains, and on the reference every step leaves what it leaves on flax.nnx.

What is compared after a step is the loss and the whole observation of the optimizer, which holds the model: structure,
sharing, statics, Variable types, metadata, dtypes, weak types and bits. The two run the same jax operations in the same
order, so nothing but bits is allowed between them. Only where one side compiles what the other does not (a step under
jit, many in a scan) XLA fuses and reorders float32 arithmetic; `CLOSE` says what that may cost.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from nnxspec.backends import flax, reference
from nnxspec.spec import Backend, BackendError, Observation, first_difference, observe
from nnxspec.spec.observation.atoms import Atom

SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "train.py"
CLOSE = 5e-6
"""Absolute. The values are of size 1, where float32 rounds at 6e-8; 20 steps carry that on, and 2.4e-7 was seen."""


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nnxspec_example_train", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


train = _script()


@pytest.fixture(scope="module")
def other() -> Backend:
    """flax.nnx, the other side of the comparison."""
    try:
        return flax.load()
    except BackendError as error:
        pytest.skip(str(error))


def portable(nnx: Backend, value: Any) -> Observation:
    """What is seen of a value, with the classes of one library replaced by their names."""
    seen = observe(nnx, value)
    entries = (replace(e, exact=e.text if isinstance(e.exact, type) else e.exact) for e in seen.entries)
    return Observation(seen.root, tuple(entries))


def floats_apart(seen: Observation) -> tuple[Observation, list[np.ndarray[Any, Any]]]:
    """The observation with dtype and shape in place of each float32 array, and those arrays."""
    taken: list[np.ndarray[Any, Any]] = []

    def emptied(target: Any) -> Any:
        if not (isinstance(target, Atom) and target.kind == "jax" and target.text.startswith("float32[")):
            return target
        weak, data = target.exact
        taken.append(np.frombuffer(data, np.float32))
        return Atom(target.kind, target.text.split()[0], weak)

    entries = (
        replace(e, parts=tuple((key, status, emptied(target)) for key, status, target in e.parts)) for e in seen.entries
    )
    return Observation(emptied(seen.root), tuple(entries)), taken


def assert_same(left: Observation, right: Observation, step: int) -> None:
    """Equal, bit for bit."""
    assert left == right, f"after step {step}, {first_difference(left, right)}"


def assert_close(left: Observation, right: Observation, step: int) -> None:
    """Equal, but for float32 values, which are close."""
    (ours, our_floats), (theirs, their_floats) = floats_apart(left), floats_apart(right)
    assert_same(ours, theirs, step)
    assert our_floats, "nothing was compared"
    for a, b in zip(our_floats, their_floats, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=CLOSE, err_msg=f"after step {step}")


def as_it_is(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, run eagerly."""
    return f


def steps(nnx: Backend, count: int, *, compiled: bool) -> Iterator[Observation]:
    """The optimizer as it is made, and then the loss and the optimizer after each step."""
    ours = train.define(nnx)
    xs, ys = train.batches(0, count)
    optimizer = ours.create(nnx.Rngs(params=0, dropout=1))
    yield portable(nnx, optimizer)
    step = (nnx.jit if compiled else as_it_is)(ours.train_step)
    for x, y in zip(xs, ys, strict=True):
        loss = step(optimizer.model, optimizer, x, y)
        yield portable(nnx, (loss, optimizer))


@pytest.mark.parametrize(("compiled", "count"), [(False, 20), (True, 100)], ids=["eager", "jit"])
def test_every_step_is_that_of_flax(other: Backend, compiled: bool, count: int) -> None:
    ours, theirs = steps(reference.load(), count, compiled=compiled), steps(other, count, compiled=compiled)
    before = None
    for number, (left, right) in enumerate(zip(ours, theirs, strict=True)):
        assert_same(left, right, number)
        assert left != before, f"step {number} changes nothing"
        before = left


@pytest.mark.parametrize("load", [reference.load, flax.load], ids=["reference", "flax"])
def test_jit_does_what_the_eager_step_does(load: Callable[[], Backend], request: pytest.FixtureRequest) -> None:
    nnx = load() if load is reference.load else request.getfixturevalue("other")
    compiled, eager = steps(nnx, 20, compiled=True), steps(nnx, 20, compiled=False)
    for number, (left, right) in enumerate(zip(compiled, eager, strict=True)):
        assert_close(left, right, number)


def ensemble(nnx: Backend, count: int) -> Observation:
    """Three members, their losses after all steps, in one compiled call."""
    ours = train.define(nnx)
    optimizers = ours.create_ensemble(nnx.Rngs(params=2, dropout=3), 3)
    losses = nnx.jit(ours.train_ensemble)(optimizers, *train.batches(0, count))
    return portable(nnx, (losses, optimizers))


def test_the_ensemble_is_that_of_flax(other: Backend) -> None:
    assert_same(ensemble(reference.load(), 20), ensemble(other, 20), 20)


def test_the_ensemble_is_its_members_trained_alone() -> None:
    nnx = reference.load()
    ours = train.define(nnx)
    xs, ys = train.batches(0, 20)
    together = ours.create_ensemble(nnx.Rngs(params=2, dropout=3), 3)

    def member_of(optimizers: Any, member: int) -> Any:
        graphdef, stacked = nnx.split(optimizers)
        return nnx.merge(graphdef, jax.tree.map(lambda leaf: leaf[member], stacked))

    members = [member_of(together, i) for i in range(3)]
    losses = ours.train_ensemble(together, xs, ys)
    for i, alone in enumerate(members):
        step = nnx.jit(ours.train_step)
        its_losses = [float(step(alone.model, alone, x, y)) for x, y in zip(xs, ys, strict=True)]
        np.testing.assert_allclose(losses[:, i], its_losses, rtol=0, atol=CLOSE)
        assert_close(portable(nnx, alone), portable(nnx, member_of(together, i)), 20)


def test_one_model_is_held_at_two_places() -> None:
    """The optimizer holds the model, and a step updates the Variables that the caller holds."""
    nnx = reference.load()
    ours = train.define(nnx)
    (x,), (y,) = train.batches(0, 1)
    optimizer = ours.create(nnx.Rngs(params=0, dropout=1))
    model, kernel = optimizer.model, optimizer.model.last.kernel
    before = np.asarray(kernel[...])
    nnx.jit(ours.train_step)(model, optimizer, x, y)
    assert optimizer.model is model and model.last.kernel is kernel
    assert not np.array_equal(before, kernel[...])


@pytest.mark.parametrize("backend", ["reference", "flax"])
def test_the_script_learns(backend: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    if backend == "flax":
        request.getfixturevalue("other")
    train.main(["--backend", backend, "--steps", "120", "--members", "2"])
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[-1]) for line in lines if line.startswith("step")]
    assert losses[0] > 0.5 and losses[-1] < 0.1
    accuracies = {
        who: float(rest.split()[-1]) for who, _, rest in (line.partition(":") for line in lines) if "acc" in rest
    }
    assert accuracies.keys() == {"one model", "ensemble"}
    assert min(accuracies.values()) > 0.95


def test_the_script_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        train.main(["--help"])
    assert done.value.code == 0
    assert {"--backend", "--steps", "--members"} <= set(capsys.readouterr().out.replace(",", " ").split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--steps", "0"], "take numbers from 1 on"),
        (["--members", "-1"], "take numbers from 1 on"),
        (["--backend", "torch"], "invalid choice: 'torch'"),
        (["--steps", "many"], "invalid int value: 'many'"),
    ],
)
def test_wrong_options_are_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        train.main(arguments)
    assert done.value.code == 2
    assert said in capsys.readouterr().err


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(train.NAMESPACES, "flax", "no_such_library.nnx")
    with pytest.raises(SystemExit) as done:
        train.main(["--backend", "flax"])
    assert done.value.code == 2
    assert "the backend flax cannot be imported (No module named 'no_such_library')" in capsys.readouterr().err
