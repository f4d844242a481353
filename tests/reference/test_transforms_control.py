"""cond, switch, while_loop and fori_loop of the reference against Python's own."""

import gc
import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T
from nnxspec.reference_impl.transforms import branches, loops


class Model(nnx.Module):
    """Two Variables, a host value and a static."""

    def __init__(self) -> None:
        self.a = nnx.Param(jnp.array(1.0))
        self.b = nnx.Param(jnp.array(2.0))
        self.host = nnx.Variable(5)
        self.mode = 0


def up(m: Model, x: Any) -> Any:
    """Writes one."""
    m.a.set_value(m.a[...] + x)
    m.new = nnx.Param(x)
    return m.a


def down(m: Model, x: Any) -> Any:
    """Writes the other."""
    m.b.set_value(m.b[...] - x)
    m.new = nnx.Param(-x)
    return m.a


@pytest.mark.parametrize("jitted", [False, True])
def test_cond(jitted: bool) -> None:
    run = (
        (lambda p, m, x: T.cond(p, up, down, m, x)) if not jitted else T.jit(lambda p, m, x: T.cond(p, up, down, m, x))
    )
    for pred, a, b in ((True, 4, 2), (False, 1, -1)):
        m = Model()
        assert run(pred, m, 3.0) is m.a
        assert (m.a[...], m.b[...], m.new[...]) == (a, b, 3 if pred else -3) and m.host.get_value() == 5


def test_switch_clamps() -> None:
    branches = [lambda m, i=i: m.a.set_value(m.a[...] + 10.0**i) for i in range(3)]
    for index, value in ((-5, 2), (0, 2), (1, 11), (2, 101), (9, 101)):
        m = Model()
        T.switch(index, branches, m)
        assert m.a[...] == value
    with pytest.raises(ValueError):
        T.switch(0, [], Model())


def test_branches_must_agree() -> None:
    m = Model()
    before = m.a.get_value()
    others: list[Any] = [
        lambda m, x: m.b,
        lambda m, x: (up(m, x), setattr(m, "mode", 1), m.a)[2],
        lambda m, x: (up(m, x), m.a.set_value(jnp.zeros(3)), m.a)[2],
        lambda m, x: (up(m, x), m.a.set_metadata(k=1), m.a)[2],
        lambda m, x: (setattr(m, "new", m.a), m.a)[1],
        lambda m, x: None,
    ]
    for other in others:
        with pytest.raises(TypeError):
            T.cond(True, up, other, m, 1.0)
    assert m.a.get_value() is before and m.mode == 0 and not hasattr(m, "new")
    with pytest.raises(TypeError, match="argument 0, at 'mode'"):
        T.cond(True, lambda m: None, lambda m: setattr(m, "mode", 1), m)
    assert T.cond(True, up, down, m, 1.0) is m.a


def test_traced_once() -> None:
    traces = []

    def branch(m: Model) -> Any:
        traces.append(1)
        return m.a[...] + 1

    def body(m: Model) -> Any:
        traces.append(1)
        m.a.set_value(m.a[...] + 1)
        return m

    def condition(m: Model) -> Any:
        return m.a[...] < 3

    def step(i: Any, m: Model, body: Any = body) -> Any:
        return body(m)

    for _ in range(2):
        m = Model()
        T.cond(True, branch, branch, m)
        T.switch(0, [branch, branch], m)
        T.while_loop(condition, body, m)
        T.fori_loop(0, 2, step, m)
        if _ == 0:
            count = len(traces)
    assert len(traces) == count and m.a[...] == 5
    sizes = len(branches._COMPILED), len(loops._COMPILED)
    del branch, condition, step, body
    gc.collect()
    assert len(branches._COMPILED) <= sizes[0] - 2 and len(loops._COMPILED) <= sizes[1] - 2


def test_closures_see_what_they_close_over() -> None:
    def outer(x: Any) -> Any:
        m = Model()
        T.cond(x > 0, lambda m: m.a.set_value(m.a[...] * x), lambda m: None, m)
        m = T.fori_loop(0, 2, lambda i, m: (m.a.set_value(m.a[...] * x), m)[1], m)
        return m.a[...]

    assert jax.grad(outer)(2.0) == 12 and jax.jit(outer)(2.0) == 8 and jax.jit(outer)(-1.0) == 1
    assert jax.vmap(outer)(jnp.array([2.0, -1.0])).tolist() == [8, 1]
    assert T.vmap(outer)(jnp.array([2.0, 3.0])).tolist() == [8, 27]


def test_while_loop() -> None:
    def body(v: Any) -> Any:
        m, x = v["m"], v["x"]
        m.a.set_value(m.a[...] * 2)
        m.b.set_metadata(k=m.b.get_metadata("k", 0))
        return {"m": m, "x": x + 1}

    m = Model()
    m.b.set_metadata(k=0)

    def condition(v: Any) -> Any:
        v["m"].b.set_value(jnp.array(100.0))
        v["m"].mode = 7
        return v["x"] < 3

    out = T.while_loop(condition, body, {"m": m, "x": 0})
    assert out["m"] is m and out["x"] == 3 and m.a[...] == 8 and m.b[...] == 2 and m.mode == 0
    out = T.jit(lambda m, n: T.while_loop(lambda v: v["x"] < n, body, {"m": m, "x": 0}))(m, 0)
    assert out["m"] is m and out["x"] == 0 and m.a[...] == 8
    with pytest.raises(ValueError, match="[Rr]everse"):
        T.grad(lambda m: T.while_loop(condition, body, {"m": m, "x": 0})["m"].a[...])(m)


def test_fori_loop() -> None:
    def body(i: Any, m: Model) -> Any:
        m.a.set_value(m.a[...] * 2 + i)
        return m

    for lower, upper in ((0, 3), (2, 5), (3, 0), (-2, 1)):
        m, eager = Model(), Model()
        assert T.fori_loop(lower, upper, body, m) is m
        for i in range(lower, upper):
            body(i, eager)
        assert m.a[...] == eager.a[...]
        other = Model()
        T.fori_loop(jnp.int32(lower), upper, body, other)
        assert other.a[...] == eager.a[...]
    assert T.grad(lambda m: T.fori_loop(0, 3, body, m).a[...])(Model()).a[...] == 8


def test_bounds_of_fori_loop() -> None:
    dtypes: list[Any] = []

    def body(i: Any, x: Any) -> Any:
        dtypes.append(i.dtype)
        return x + 1

    bounds = [0, jnp.int8(0), np.int8(0), jnp.asarray(0), jnp.int32(0)]
    for lower, upper in itertools.product(bounds[:4], bounds[:3]):
        T.fori_loop(lower, upper + 2, body, jnp.ones(()))
        assert jax.grad(lambda x: T.fori_loop(lower, upper + 2, body, x))(1.0) == 1  # noqa: B023  # called at once
    assert set(dtypes) == {jnp.dtype("int32")}  # known bounds are counted with Python ints
    with pytest.raises(TypeError):
        T.fori_loop(bounds[4], bounds[1], body, jnp.ones(()))
    jax.jit(lambda upper: T.fori_loop(0, upper, body, jnp.ones(())))(jnp.int8(2))
    assert dtypes[-1] == jnp.int8


def test_loops_keep_their_state_as_it_is() -> None:
    m = Model()

    def swap(m: Model) -> Model:
        m.a, m.b = m.b, m.a
        return m

    bodies: list[Any] = [
        swap,
        lambda m: (setattr(m, "mode", m.mode + 1), m)[1],
        lambda m: (setattr(m, "new", nnx.Param(0)), m)[1],
        lambda m: (setattr(m, "a", nnx.Param(m.a[...])), m)[1],
        lambda m: (m.a.set_metadata(k=1), m)[1],
        lambda m: nnx.clone(m),
        lambda m: m.a,
        lambda m: (m.a.set_value(jnp.zeros(3)), m)[1],
        lambda m: None,
    ]
    before = m.a, m.a.get_value()
    for body in bodies:
        with pytest.raises((ValueError, TypeError)):
            T.while_loop(lambda m: False, body, m)
        with pytest.raises((ValueError, TypeError)):
            T.fori_loop(0, 2, lambda i, m, body=body: body(m), m)
    assert m.a is before[0] and m.a.get_value() is before[1] and m.mode == 0 and m.a.get_metadata() == {}
