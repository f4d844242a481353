"""What jit remembers between calls: it is used when nothing has changed, and keeps nothing alive."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.backends import reference
from nnxspec.reference_impl.graphdef import GraphDef
from nnxspec.reference_impl.transforms.plan import Plan
from nnxspec.reference_impl.transforms.program import Table
from nnxspec.spec import observe

BACKEND = reference.load()


def looks(run: Any, *args: Any, **kwargs: Any) -> int:
    """How many objects a call takes apart and how many GraphDefs it makes."""
    count = 0
    record, init = Table.record, GraphDef.__init__

    def counted_record(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return record(*args, **kwargs)

    def counted_init(*args: Any, **kwargs: Any) -> None:
        nonlocal count
        count += 1
        init(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "record", counted_record)
        patch.setattr(GraphDef, "__init__", counted_init)
        run(*args, **kwargs)
    return count


class Blocks(nnx.Module):
    """A usual model: nodes, Variables, statics, random streams."""

    def __init__(self, n: int = 3) -> None:
        self.blocks = nnx.List([nnx.Linear(2, 2, rngs=nnx.Rngs(i)) for i in range(n)])
        self.rngs = nnx.Rngs(params=0, dropout=1)
        self.rate = 0.5


def train(m: Any, x: Any) -> Any:
    """Writes every Variable and draws a key."""
    for _, value in nnx.iter_graph(m):
        if isinstance(value, nnx.Param):
            value[...] = value[...] + x
    return jnp.sum(x) + jax.random.uniform(m.rngs.dropout())


def test_steady_calls_take_nothing_apart() -> None:
    run, m, x = nnx.jit(train), Blocks(), jnp.float32(1)
    assert looks(run, m, x) > 0
    assert looks(run, m, x) == looks(run, m, x + 1) == looks(run, m, jnp.float32(3)) == 0
    other = Blocks()
    run(other, x)
    assert looks(run, m, x) == looks(run, other, x) == 0
    m.rate = 0.25
    assert looks(run, m, x) > 0
    assert looks(run, m, x) == 0
    named = nnx.jit(lambda *, m, x: train(m, x))
    named(m=m, x=x)
    assert looks(named, m=m, x=x) == 0
    static = nnx.jit(lambda m, x, mode: train(m, x) + len(mode), static_argnums=2)
    static(m, x, "ab"), static(m, x, "abc")
    assert looks(static, m, x, "ab") == looks(static, m, x, "abc") == 0
    assert float(static(m, x, "abc") - static(m, x, "ab")) > 0
    donated = nnx.jit(train, donate_argnums=0)
    donated(m, x)
    old = m.blocks[0].kernel.get_value()
    assert looks(donated, m, x) == 0
    assert old.is_deleted()
    both = nnx.jit(lambda m, x: (m.blocks[0], x))
    both(m, x)
    before = looks(both, m, x)
    assert before == 0
    assert both(m, x)[0] is m.blocks[0]


def test_containers_of_arguments_are_looked_at() -> None:
    m = Blocks()
    run = nnx.jit(lambda m, batch: train(m, batch["x"]) + (0 if batch["y"] is None else batch["y"]))
    for batch in ({"x": jnp.ones(2), "y": None}, {"x": jnp.ones(2), "y": 3}, {"x": jnp.ones(2), "y": None}):
        for _ in range(2):
            expected = nnx.clone(m)
            want = train(expected, batch["x"]) + (0 if batch["y"] is None else batch["y"])
            assert np.allclose(run(m, batch), want)
            assert observe(BACKEND, m) == observe(BACKEND, expected)
    pair = nnx.jit(lambda pair, x: train(pair[0], x) + pair[1].rate)
    for second in (m, Blocks(1), m, Blocks(1)):
        second.rate = 0.75
        expected = nnx.clone(m)
        want = train(expected, jnp.float32(1)) + second.rate
        assert np.allclose(pair((m, second), jnp.float32(1)), want)
        assert observe(BACKEND, m) == observe(BACKEND, expected)


def test_arguments_may_take_the_place_of_one_that_is_gone() -> None:
    run = nnx.jit(lambda m: m.v[...] * m.n)
    places = set()
    for n in range(40):
        m = nnx.Dict(v=nnx.Param(jnp.float32(n)), n=n % 3)
        places.add(id(m))
        assert float(run(m)) == n * (n % 3)
        assert float(run(m)) == n * (n % 3)
        del m
    assert len(places) < 40, "no place was used again, so this test tests nothing"
    assert len(run._plans) == 1


def test_plans_keep_nothing_alive_and_are_few() -> None:
    run = nnx.jit(train)
    m = Blocks()
    for _ in range(3):
        run(m, jnp.float32(1))
    watched = [weakref.ref(x) for x in (m, m.blocks, m.blocks[0], m.blocks[0].kernel, m.rngs.dropout.count)]
    arrays = weakref.ref(m.blocks[0].kernel.get_value())
    replaced = weakref.ref(m.blocks[1])
    m.blocks[1] = nnx.Linear(2, 2, rngs=nnx.Rngs(5))
    gc.collect()
    assert replaced() is None
    del m
    gc.collect()
    assert [ref() for ref in watched] == [None] * len(watched) and arrays() is None
    models = [nnx.Dict(v=nnx.Param(jnp.float32(1))) for _ in range(100)]
    small = nnx.jit(lambda m: m.v[...])
    for _ in range(2):
        for model in models:
            small(model)
    assert len(small._plans) <= 64
    small.clear_cache()
    assert len(small._plans) == 0


def test_writes_to_captured_objects_are_refused_all_or_none() -> None:
    a, b, x = nnx.Param(jnp.float32(1)), nnx.Param(jnp.float32(1)), jnp.float32(1)

    @nnx.jit
    def both(v: Any, w: Any) -> None:
        v[...] = v[...] + 1
        w[...] = w[...] + 1

    both(a, b), both(a, b)

    @nnx.jit
    def outer(own: Any) -> None:
        both(own, b)

    for _ in range(2):
        with pytest.raises(nnx.TraceContextError):
            outer(a)
        assert float(a.get_value()) == float(b.get_value()) == 3
    with pytest.raises(nnx.TraceContextError):
        jax.jit(lambda x: both(a, b))(x)
    assert float(a.get_value()) == float(b.get_value()) == 3
    both(a, b)
    assert float(a.get_value()) == float(b.get_value()) == 4


def test_a_call_that_fails_writes_nothing_and_the_next_one_works() -> None:
    m = Blocks()
    run = nnx.jit(lambda m, x: train(m, x) + jnp.ones(2) @ x)
    run(m, jnp.ones(2)), run(m, jnp.ones(2))
    before = observe(BACKEND, m)
    with pytest.raises((TypeError, ValueError)):
        run(m, jnp.ones(3))
    m.rate = Blocks
    with pytest.raises(TypeError):
        run(m, "text")
    m.rate = 0.5
    assert observe(BACKEND, m) == before
    run(m, jnp.ones(2))


def test_a_plan_knows_what_a_result_means() -> None:
    m = Blocks()
    seen: list[Any] = []
    finish = Plan.finish
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plan, "finish", lambda self, found, *r: (seen.append(found), finish(self, found, *r))[1])
        some = nnx.jit(lambda m: m.blocks[1].kernel.set_value(m.blocks[1].kernel.get_value() * 0 + 4))
        for _ in range(3):
            some(m)
            assert float(m.blocks[1].kernel[0, 0]) == 4
            m.blocks[1].kernel.set_value(jnp.zeros((2, 2)))
        grows = nnx.jit(lambda m: setattr(m, "more", nnx.Param(jnp.ones(2))) or len(m.blocks))
        for _ in range(3):
            assert int(grows(m)) == 3
            kept = m.more
            assert float(kept[0]) == 1
        tagged = nnx.jit(lambda m: m.rngs.params.key.set_metadata(tag="other"))
        for _ in range(3):
            tagged(m)
            assert m.rngs.params.key.get_metadata("tag") == "other"
            m.rngs.params.key.set_metadata(tag="params")
    assert len(seen) >= 4


def test_a_cached_partial_is_steady_and_sees_what_is_refused() -> None:
    m, x = Blocks(), jnp.float32(1)
    run = nnx.jit(train)
    partial = nnx.cached_partial(run, m)
    expected = nnx.clone(m)
    for number in range(3):
        assert np.allclose(partial(x), train(expected, x))
        assert observe(BACKEND, m) == observe(BACKEND, expected), number
    assert looks(partial, x) == 0
    grows = nnx.jit(lambda m, x: setattr(m, "more", nnx.Param(x)))
    wrong = nnx.cached_partial(grows, m)
    for _ in range(3):
        with pytest.raises(ValueError, match="structure"):
            wrong(x)
        assert not hasattr(m, "more")
    grows(m, x)
    assert hasattr(m, "more")
    watched = [weakref.ref(value) for value in (m, m.blocks)]
    del partial, wrong, m
    gc.collect()
    assert [ref() for ref in watched] == [None, None]
    assert len(run._plans) == 1 and len(grows._plans) <= 1
