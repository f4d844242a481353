"""jit, cached_partial, eval_shape, checkify and remat of the reference: options, caches, and what is particular."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import checkify

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T


class Pair(nnx.Module):
    """Two Variables and a static."""

    def __init__(self, scale: float = 1.0) -> None:
        self.w = nnx.Param(jnp.arange(4.0) * scale)
        self.count = nnx.BatchStat(jnp.array(0, jnp.int32))
        self.mode = "train"


def test_traces_are_shared() -> None:
    traces = []

    @T.jit
    def f(m: Pair, x: Any) -> Any:
        traces.append(1)
        m.count.set_value(m.count[...] + 1)
        return m.w[...] * x

    first, second = Pair(), Pair(2.0)
    for m in (first, second, first):
        f(m, 2.0)
    assert len(traces) == 1 and first.count[...] == 2
    second.mode = "eval"
    f(second, 2.0)
    second.w.set_metadata(a=1)
    f(second, 2.0)
    second.w.set_value(jnp.ones(5))
    f(second, 2.0)
    assert len(traces) == 4


def test_static_arguments() -> None:
    traces = []

    def f(m: Pair, mode: str, *, flag: Any = None) -> Any:
        traces.append(mode)
        m.mode, m.flag = mode, flag
        return m.w[...] + len(mode)

    g = T.jit(f, static_argnums=1, static_argnames="flag")
    m = Pair()
    assert g(m, "ab", flag=True)[0] == 2 and m.mode == "ab" and m.flag is True
    g(m, "ab", flag=True)
    count = len(traces)
    g(m, "ab", flag=True)
    assert len(traces) == count
    g(m, "ab", flag=1)
    assert m.flag == 1 and type(m.flag) is int
    by_name = T.jit(f, static_argnames=("mode", "flag"))
    by_name(m, mode="x")
    by_name(m, "y")
    assert m.mode == "y"
    T.jit(lambda m, mode: setattr(m, "mode", mode), static_argnums=-1)(m, "z")
    assert m.mode == "z"
    with pytest.raises(ValueError, match="not hashable"):
        g(m, ["list"])
    with pytest.raises(TypeError):
        T.jit(lambda m, mode: mode, static_argnums=1)(m, "text")


def test_donation() -> None:
    m, other = Pair(), Pair()
    old = [m.w.get_value(), m.count.get_value(), other.w.get_value()]
    w = m.w
    out = T.jit(lambda m, other: m.count.set_value(m.count[...] + 1), donate_argnums=0)(m, other)
    assert out is None and [x.is_deleted() for x in old] == [True, True, False]
    assert m.w is w and w[...].tolist() == [0, 1, 2, 3] and m.count[...] == 1
    old_w = m.w.get_value()
    T.jit(lambda *, m: m.w[...].sum(), donate_argnames="m")(m=m)
    assert old_w.is_deleted() and m.w[...].tolist() == [0, 1, 2, 3]
    m.host, m.number = nnx.Param(np.arange(2)), nnx.Param(3)
    T.jit(lambda m: None, donate_argnums=0)(m)
    assert m.host.get_value().dtype == np.int64 and type(m.number.get_value()) is int
    by_name = T.jit(lambda m, **more: len(more), donate_argnames="m")
    assert [by_name(m=m, a=1), by_name(m=m, b=1), by_name(m=m)] == [1, 1, 0]


def test_arguments_are_named_by_position_or_name() -> None:
    def f(x: Any, y: Any, *, scale: int = 2) -> Any:
        return x * scale + y

    def deleted(by_name: int, **options: Any) -> list[bool]:
        x, y = jnp.arange(3.0), jnp.arange(3.0)
        T.jit(f, **options)(*(x, y)[: 2 - by_name], **dict([("x", x), ("y", y)][2 - by_name :]))
        return [x.is_deleted(), y.is_deleted()]

    for by_name in range(3):
        assert deleted(by_name, donate_argnums=-2) == deleted(by_name, donate_argnames="x") == [True, False]
        assert deleted(by_name, donate_argnums=0, donate_argnames=()) == [by_name < 2, False]
        assert deleted(by_name, donate_argnums=(), donate_argnames="x") == [by_name == 2, False]
    last = T.jit(lambda x, times: x * times, static_argnums=-1)
    assert last(jnp.ones(()), 2) == last(jnp.ones(()), times=2) == last(x=jnp.ones(()), times=2) == 2
    with pytest.raises(ValueError, match="by position"):
        T.jit(f, static_argnames="scale", in_shardings=(None, None))(jnp.ones(2), jnp.ones(2), scale=3)


def test_shardings() -> None:
    mesh = jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = lambda *names: jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*names))  # noqa: E731
    shardings = T.StateSharding({nnx.Param: spec("d"), ...: spec()})
    m = Pair()
    f = T.jit(lambda m: (m.w.set_value(m.w[...] + 1), m)[1], in_shardings=(shardings,), out_shardings=shardings)
    assert f(m) is m and m.w.get_value().sharding == spec("d") and m.w[0] == 1
    with pytest.raises(ValueError, match="alias"):
        T.jit(lambda a, b: None, in_shardings=(spec("d"), spec()))(m.w, m.w)
    with pytest.raises(ValueError, match="no filter"):
        T.jit(lambda m: None, in_shardings=(T.StateSharding({nnx.Param: spec()}),))(m)


def test_lower_and_compile() -> None:
    m = Pair()
    f = T.jit(lambda m, n, x: (m.count.set_value(m.count[...] + n), m.w[...] * x)[1], static_argnums=1)
    lowered = f.lower(m, 3, 2.0)
    assert m.count[...] == 0 and "multiply" in lowered.as_text()
    compiled = lowered.compile()
    assert compiled(m, 2.0).tolist() == [0, 2, 4, 6] and m.count[...] == 3
    with pytest.raises(TypeError):
        compiled(nnx.List([m]), 2.0)


def test_methods_bind() -> None:
    class Layer(Pair):
        @T.jit
        def __call__(self, x: Any) -> Any:
            self.count.set_value(self.count[...] + 1)
            return self.w[...] + x

    layer = Layer()
    assert layer(1.0)[0] == 1 and layer.count[...] == 1
    assert T.jit(lambda x: x).__name__ == "<lambda>" and "self" in inspect.signature(Layer.__call__).parameters


def test_states_and_keyword_arguments() -> None:
    m = Pair()
    state = nnx.state(m)

    @T.jit
    def f(*, state: Any, x: Any) -> Any:
        state.w.set_value(state.w[...] + x)
        return state

    out = f(state=state, x=1.0)
    assert m.w[...].tolist() == [1, 2, 3, 4] and out.w is m.w


def test_cached_partial() -> None:
    traces = []

    @T.jit
    def step(m: Pair, plain: nnx.List[Any], x: Any) -> Any:
        traces.append(1)
        m.count.set_value(m.count[...] + 1)
        plain[0] = plain[0] + x
        return m.w[...] * x

    m, plain = Pair(), nnx.List([jnp.zeros(())])
    partial = T.cached_partial(step, m, plain)
    for x in (1.0, 2.0):
        assert partial(x).tolist() == [0, x, 2 * x, 3 * x]
    assert m.count[...] == 2 and plain[0] == 3 and len(traces) == 1
    m.w.set_value(jnp.ones(4))
    assert partial(2.0).tolist() == [2] * 4
    with pytest.raises(ValueError, match="structure"):
        T.cached_partial(T.jit(lambda m: setattr(m, "new", nnx.Param(0))), m)()
    assert not hasattr(m, "new")
    with pytest.raises(TypeError):
        T.cached_partial(lambda m: None, m)  # type: ignore[arg-type]  # that is the test


def test_remat() -> None:
    runs = []

    def f(m: Pair, power: int) -> Any:
        runs.append(1)
        m.count.set_value(m.count[...] + 1)
        return jnp.sum(jnp.sin(m.w[...]) ** power)

    m, plain = Pair(), Pair()
    g = T.remat(f, static_argnums=1)
    assert g(m, 2) == f(plain, 2)
    left = T.grad(g)(m, 2)
    right = T.grad(f)(plain, 2)
    assert np.allclose(left.w[...], right.w[...], rtol=1e-6) and m.count[...] == 2


def test_eval_shape() -> None:
    m = Pair()
    before = m.w.get_value()

    def f(m: Pair) -> Any:
        m.count.set_value(m.count[...] + 1)
        m.mode = "eval"
        return m, Pair(), nnx.Rngs(0)

    same, new, rngs = T.eval_shape(f, m)
    assert same is not m and same.mode == "eval" and m.mode == "train" and m.count[...] == 0
    assert m.w.get_value() is before
    for x in (same.w, new.w):
        assert type(x) is nnx.Param and isinstance(x.get_value(), jax.ShapeDtypeStruct) and x.shape == (4,)
    nnx.update(new, nnx.state(Pair(3.0)))
    assert new.w[1] == 3 and rngs.default.count.dtype == jnp.uint32


def test_checkify() -> None:
    def f(m: Pair, limit: Any) -> Any:
        m.count.set_value(m.count[...] + 1)
        checkify.check(jnp.all(m.w[...] < limit), "too large")
        return m

    m = Pair()
    error, out = T.checkify(f)(m, limit=10.0)
    assert error.get() is None and out is m
    error, out = T.jit(T.checkify(f))(m, 1.0)
    assert "too large" in error.get() and out is m and m.count[...] == 2
