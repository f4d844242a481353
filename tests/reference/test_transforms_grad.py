"""grad, value_and_grad, jvp, vjp and custom_vjp of the reference against jax on pure functions."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T


class Model(nnx.Module):
    """Params, one of them shared, a counter and a raw array."""

    def __init__(self) -> None:
        self.a = nnx.Param(jnp.array([1.0, 2.0]), role="a")
        self.b = nnx.Param(jnp.array([3.0, 4.0], jnp.bfloat16))
        self.unused = nnx.Param(jnp.zeros((0, 2)))
        self.count = nnx.BatchStat(jnp.array(0.0))
        self.raw = jnp.array([5.0, 6.0])
        self.inner = nnx.Dict(again=self.a)
        self.steps = nnx.Variable(3)


def loss(m: Model, x: Any) -> Any:
    """A polynomial of everything; counts its calls."""
    m.count.set_value(m.count[...] + 1)
    m.steps.set_metadata(seen=True)
    return jnp.sum(m.a[...] ** 2 * m.inner.again[...] * x * m.raw) + jnp.sum(m.b[...]).astype(jnp.float32)


def test_params_by_default() -> None:
    m = Model()
    value, grads = T.value_and_grad(loss)(m, 2.0)
    assert [path for path, _ in nnx.to_flat_state(grads)] == [("a",), ("b",), ("unused",)]
    assert type(grads.a) is nnx.Param and grads.a.get_metadata() == {"role": "a"} and grads.b.dtype == jnp.bfloat16
    expected = jax.grad(lambda a: jnp.sum(a**3 * 2.0 * m.raw))(m.a[...])
    assert grads.a[...].tolist() == expected.tolist() and grads.unused.shape == (0, 2)
    assert m.count[...] == 1 and m.steps.get_value() == 3 and m.steps.seen and value == loss(Model(), 2.0)


def test_argnums() -> None:
    m = Model()
    grads = T.grad(loss, argnums=(-1, 0))(m, 2.0)
    assert isinstance(grads, tuple) and grads[0].shape == () and isinstance(grads[1], nnx.State)
    raw = T.grad(loss, argnums=T.DiffState(0, nnx.PathContains("raw")))(m, 2.0)
    assert list(raw) == ["raw"] and raw.raw.tolist() == [2, 16]
    assert T.DiffState(0, ["a", nnx.Param]) == T.DiffState(0, ("a", nnx.Param))
    assert len({T.DiffState(0, "a"), T.DiffState(0, "a"), T.DiffState(1, "a")}) == 2
    tree = T.grad(lambda t: jnp.sum(t["m"].a[...] * t["x"][0]) + t["v"][...])(
        {"m": m, "x": [jnp.ones(2)], "v": nnx.BatchStat(1.0)}
    )
    assert tree["m"].a[...].tolist() == [1, 1] and tree["x"][0].tolist() == [1, 2] and type(tree["v"]) is nnx.BatchStat
    for bad in ((0, 0), (0, T.DiffState(0, ...)), (0, -2), 2, -3):
        with pytest.raises(ValueError):
            T.grad(loss, argnums=bad)(m, 2.0)
    with pytest.raises(TypeError):
        T.grad(loss, argnums="x")(m, 2.0)  # type: ignore[arg-type]  # that is the test
    with pytest.raises(NotImplementedError):
        T.grad(loss, reduce_axes=("i",))
    with pytest.raises(TypeError):
        T.grad(loss, argnums=T.DiffState(0, nnx.Variable))(m, 2.0)  # steps holds an int
    assert m.count[...] == 2


def test_shared() -> None:
    m = Model()
    first, second = T.grad(lambda a, b: jnp.sum(a.a[...] * b.a[...]), argnums=(0, 1))(m, m)
    assert first.a[...].tolist() == [2, 4] and isinstance(second, nnx.State) and not second
    with pytest.raises(ValueError, match="alias"):
        T.grad(lambda a, b: 0.0)(m, m)


def test_aux_and_bad_losses() -> None:
    m = Model()
    (value, (same, new, text)), grads = T.value_and_grad(
        lambda m: (jnp.sum(m.a[...]), (m, nnx.Dict(w=m.a), m.a[...] * 2)), has_aux=True
    )(m)
    assert same is m and new.w is m.a and value == 3 and text.tolist() == [2, 4] and grads.a[...].tolist() == [1, 1]
    for f, aux in ((lambda m: m.a[...], False), (lambda m: m, False), (lambda m: jnp.sum(m.a[...]), True)):
        with pytest.raises(TypeError):
            T.grad(f, has_aux=aux)(m)


def test_second_order_and_nesting() -> None:
    v = nnx.Param(jnp.array(2.0))
    second = T.grad(lambda v: T.grad(lambda v: v[...] ** 4)(v)[...])(v)
    assert type(second) is nnx.Param and second[...] == 48
    m = Model()
    hessian = jax.jacfwd(lambda a: T.grad(loss)(_with(m, a), 1.0).a[...])(m.a[...])
    assert hessian.tolist() == jax.hessian(lambda a: jnp.sum(a**3 * m.raw))(m.a[...]).tolist()
    assert T.jit(T.grad(T.jit(T.remat(loss))))(m, 2.0).a[...].tolist() == T.grad(loss)(Model(), 2.0).a[...].tolist()
    assert m.count[...] == 1


def _with(m: Model, a: Any) -> Model:
    graphdef, state = nnx.split(m)
    model = nnx.merge(graphdef, state, copy=True)
    model.a.set_value(a)
    return model


def test_jvp() -> None:
    m = Model()
    direction = nnx.map(lambda path, x: x if path != ("a",) else x.replace(jnp.array([1.0, 0.5])), m)
    direction.b.set_value(jnp.zeros(2, jnp.bfloat16))
    direction.count.set_value(jnp.zeros(()))
    direction.raw = jnp.zeros(2)

    def f(m: Model, x: Any) -> Any:
        return {"loss": loss(m, x), "m": nnx.Dict(a=m.a)}

    out, tangent = T.jvp(f, (m, 2.0), (direction, 1.0))
    _, expected = jax.jvp(lambda a, x: jnp.sum(a**3 * x * m.raw), (m.a[...], 2.0), (direction.a[...], 1.0))
    assert tangent["loss"] == expected and tangent["m"].a[...].tolist() == [1, 0.5] and out["m"].a is m.a
    assert m.count[...] == 1
    again, other, aux = T.jvp(lambda m, x: (loss(m, x), m), (m, 2.0), (nnx.state(direction), 1.0), has_aux=True)
    assert other == expected and aux is m and again == out["loss"] and m.count[...] == 2
    with pytest.raises(ValueError, match="no tangent"):
        T.jvp(loss, (m, 2.0), (nnx.State({}), 1.0))


def test_vjp() -> None:
    m = Model()
    value, pull_back = T.vjp(loss, m, 2.0)
    m_bar, x_bar = pull_back(jnp.float32(3))
    expected, x_expected = jax.vjp(lambda a, x: jnp.sum(a**3 * x * m.raw), m.a[...], 2.0)[1](jnp.float32(3))
    assert type(m_bar) is Model and m_bar.inner.again is m_bar.a and m_bar.a[...].tolist() == expected.tolist()
    assert x_bar == x_expected and m_bar.steps.get_value().dtype == jax.dtypes.float0 and m.count[...] == 1
    assert value == loss(Model(), 2.0)
    with pytest.raises(ValueError, match="structure"):
        pull_back([jnp.float32(3)])


def _sin(nondiff_argnums: Any = ()) -> Any:
    f = T.custom_vjp(_value, nondiff_argnums=nondiff_argnums)

    def bwd(res: Any, g: Any) -> Any:
        (updates, *others), out_g = g
        m, cos = res
        assert set(updates) >= {"a", "raw"} and all(other is None for other in others)
        updates["a"].set_value(10 * out_g * cos)
        return updates, None

    f.defvjp(lambda m, x: (f(m, x), (m, jnp.cos(m.a[...]))), bwd)
    return f


def _value(m: Model, x: Any) -> Any:
    m.count.set_value(m.count[...] + 1)
    return jnp.sum(jnp.sin(m.a[...]) * x)


def test_custom_vjp() -> None:
    m, f = Model(), _sin()
    assert f(m, 1.0) == _value(Model(), 1.0) and m.count[...] == 1
    for g in (T.grad(f), T.grad(T.jit(f)), T.jit(T.grad(f))):
        before = float(m.count[...])
        assert np.allclose(g(m, 1.0).a[...], 10 * jnp.cos(m.a[...]), rtol=1e-6) and m.count[...] == before + 1
    value = lambda m: f(m, 1.0) + jnp.sum(m.a[...] ** 2)  # noqa: E731
    assert np.allclose(T.grad(value)(m).a[...], 10 * jnp.cos(m.a[...]) + 2 * m.a[...], rtol=1e-6)
    with pytest.raises(TypeError, match="nondiff_argnums"):
        _sin((0,))(m, 1.0)
    with pytest.raises(ValueError, match="twice"):
        T.custom_vjp(_value, nondiff_argnums=(0, T.DiffState(0, "a")))
    with pytest.raises(AttributeError):
        T.custom_vjp(_value)(m, 1.0)


def test_custom_vjp_static_argument() -> None:
    f = T.custom_vjp(lambda g, m: g(m.a[...]).sum(), nondiff_argnums=(0,))
    seen = []

    def bwd(g: Any, m: Model, cotangents: Any) -> Any:
        seen.append(g)
        return (nnx.State({"a": nnx.Param(m.a[...] * 7)}),)

    f.defvjp(lambda g, m: (f(g, m), m), bwd)
    m = Model()
    assert f(jnp.sin, m) == jnp.sin(m.a[...]).sum()
    assert T.grad(lambda m: f(jnp.sin, m))(m).a[...].tolist() == [7, 14] and seen == [jnp.sin]
