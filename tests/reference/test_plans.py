"""What jit remembers between calls: it is used when nothing has changed, and never when something has."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import gc
import weakref
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.backends import reference
from nnxspec.reference_impl.graphdef import GraphDef
from nnxspec.reference_impl.statics import is_constant
from nnxspec.reference_impl.transforms.plan import Plan
from nnxspec.reference_impl.transforms.program import Table
from nnxspec.spec import observe

BACKEND = reference.load()


class Size:
    """A static value that compares by content, so that it is looked at in each call."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.n == other.n

    def __hash__(self) -> int:
        return hash(self.n)


class Opaque(nnx.Object):
    """A node whose attributes have no status."""

    def __init__(self) -> None:
        self.v = nnx.Variable(jnp.float32(1))
        self.n = 2


class Special(nnx.Dict):
    """A Dict of another class."""


class Net(nnx.Module):
    """A Module with everything that a plan has to look at."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(3.0), role="weight")
        self.b = nnx.BatchStat(jnp.zeros(3))
        self.part = nnx.Dict(x=nnx.Param(jnp.ones(3)), scale=2)
        self.items = nnx.List([nnx.Param(jnp.ones(3)), nnx.Param(jnp.zeros(3)), 5])
        self.box = nnx.Variable({"a": jnp.ones(3)})
        self.array = jnp.ones(3)
        self.plain = nnx.data([nnx.Param(jnp.ones(3)), jnp.zeros(3)])
        self.opaque = Opaque()
        self.n, self.mode, self.shape = 3, "train", (1, ("a", 2.0))
        self.size = nnx.static(Size(4))
        self.act = jax.nn.relu


def total(x: Any) -> Any:
    """A number that depends on all there is."""
    seen = jnp.float32(0)
    for i, (path, value) in enumerate(nnx.iter_graph(x)):
        if isinstance(value, nnx.Variable):
            seen += (len(path) + i) * sum(jnp.sum(leaf) for leaf in jax.tree.leaves(value.get_value()))
            seen += len(repr(sorted(value.get_metadata()))) + len(type(value).__name__)
            seen += len(str(value.get_metadata("role", "")))
        elif isinstance(value, jax.Array | np.ndarray | int | float) and not isinstance(value, bool):
            seen += (i + 1) * jnp.sum(value)
        elif isinstance(value, str):
            seen += len(value)
        elif isinstance(value, Size):
            seen += value.n
        elif isinstance(value, nnx.Pytree):
            seen += len(type(value).__name__)
    return seen


def step(m: Any, x: Any) -> Any:
    """A step of a training: it looks at everything and writes what it finds."""
    for _, value in nnx.iter_graph(m):
        if isinstance(value, nnx.Variable) and not isinstance(value.get_raw_value(), dict):
            value.set_value(value.get_value() + x)
    return total(m)


def replace_node(m: Any) -> None:
    """Another node that is equal."""
    m.part = nnx.Dict(x=nnx.Param(jnp.full(3, 7.0)), scale=2)


def share(m: Any) -> None:
    """One Variable at two places."""
    m.part["x"] = m.w


def swap(m: Any) -> None:
    """Two Variables change places."""
    m.w, m.b = m.b, m.w


def double(variable: Any, value: Any) -> Any:
    """A hook."""
    return value * 2


CHANGES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda m: None,
    "static": lambda m: setattr(m, "n", 4),
    "static of another type": lambda m: setattr(m, "n", 3.0),
    "static around assignment": lambda m: vars(m).update(n=9),
    "tuple": lambda m: setattr(m, "shape", (1, ("a", 3.0))),
    "static that compares by content": lambda m: setattr(m, "size", Size(11)),
    "static becomes data": lambda m: setattr(m, "n", nnx.data(m.n)),
    "new attribute": lambda m: setattr(m, "more", nnx.Param(jnp.ones(3))),
    "new attribute around assignment": lambda m: vars(m).update(more=nnx.Param(jnp.ones(3))),
    "attribute gone": lambda m: delattr(m, "b"),
    "Variable replaced": lambda m: setattr(m, "w", nnx.Param(jnp.ones(3), role="weight")),
    "Variable of another type": lambda m: setattr(m, "w", nnx.Cache(jnp.ones(3), role="weight")),
    "Variable changes its type": lambda m: object.__setattr__(m.w, "__class__", nnx.Intermediate),
    "node replaced": replace_node,
    "node changes its type": lambda m: object.__setattr__(m.part, "__class__", Special),
    "two Variables swapped": swap,
    "shared": share,
    "List longer": lambda m: m.items.append(nnx.Param(jnp.ones(3))),
    "List shorter": lambda m: m.items.pop(0),
    "List reordered": lambda m: m.items.reverse(),
    "List static": lambda m: m.items.__setitem__(2, 6),
    "List status": lambda m: m.items.__setitem__(2, nnx.data(m.items[2])),
    "List attribute": lambda m: setattr(m.items, "note", "text"),
    "Dict entry": lambda m: m.part.__setitem__("y", nnx.Param(jnp.ones(3))),
    "Dict static": lambda m: m.part.__setitem__("scale", 8),
    "Dict entry renamed": lambda m: m.part.__setitem__("z", m.part.pop("x")),
    "metadata": lambda m: m.w.set_metadata(role="other"),
    "metadata more": lambda m: m.b.set_metadata(note="new"),
    "metadata gone": lambda m: m.w.del_metadata("role"),
    "metadata in place": lambda m: m.w._metadata.update(role="in place"),
    "hook": lambda m: m.w.set_metadata(on_get_value=double),
    "value": lambda m: m.w.set_value(jnp.full(3, 9.0)),
    "value of numpy": lambda m: m.w.set_raw_value(np.full(3, 9.0, np.float32)),
    "value of Python": lambda m: m.w.set_raw_value(2.5),
    "value of another dtype": lambda m: m.w.set_value(jnp.arange(3)),
    "value of another shape": lambda m: m.w.set_value(jnp.ones((1, 3))),
    "value in a container": lambda m: m.w.set_value([jnp.ones(3)]) or m.w.set_value(jnp.ones(3)),
    "value with more leaves": lambda m: m.box.set_value({"a": jnp.ones(3), "b": jnp.ones(3)}),
    "array": lambda m: setattr(m, "array", jnp.full(3, 5.0)),
    "array of numpy": lambda m: setattr(m, "array", np.full(3, 5.0, np.float32)),
    "plain list in place": lambda m: m.plain.__setitem__(0, nnx.Param(jnp.full(3, 4.0))),
    "plain list longer": lambda m: m.plain.append(jnp.ones(3)),
    "array in a plain list": lambda m: m.plain.__setitem__(1, jnp.full(3, 6.0)),
    "opaque static": lambda m: setattr(m.opaque, "n", 5),
    "opaque array": lambda m: setattr(m.opaque, "more", jnp.ones(3)),
    "opaque Variable": lambda m: setattr(m.opaque, "v", nnx.Variable(jnp.float32(3))),
    "function": lambda m: setattr(m, "act", jax.nn.gelu),
}


RUN = nnx.jit(step)  # one for all cases, so that what they have in common is compiled once


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_calls_is_seen(change: str) -> None:
    x = jnp.float32(1)
    m, expected = Net(), Net()
    for _ in range(2):
        RUN(m, x)
        step(expected, x)
    held = [m.w, m.items, m.part, m.b]  # so that nothing new takes the place of what goes
    CHANGES[change](m), CHANGES[change](expected)
    for number in range(2):
        got, want = RUN(m, x), step(expected, x)
        assert np.allclose(got, want), number
        assert observe(BACKEND, m) == observe(BACKEND, expected), number
    held.clear()


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
    m.rate = Size
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


class Color(enum.Enum):
    """A static value without an equality of its own."""

    RED = 1


@dataclasses.dataclass(frozen=True)
class Frozen:
    """It is frozen, but not what it holds."""

    held: Any


def test_what_cannot_change_in_place_is_known() -> None:
    constants: list[Any] = [1, "a", None, 2.5, b"", jnp.float32, np.dtype("int8"), np.float32(1), len, total, Color.RED]
    constants += [(1, ("a", None)), frozenset({1}), jax.nn.relu, jax.sharding.PartitionSpec("a"), object(), np]
    for value in constants:
        assert is_constant(value), value
    changeable: list[Any] = [[], {}, set(), ([],), (1, Size(1)), Size(1), np.zeros(2), Frozen([]), Frozen(1)]
    changeable += [functools.partial(total, []), collections.OrderedDict(), collections.deque()]
    for value in changeable:
        assert not is_constant(value), value


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
