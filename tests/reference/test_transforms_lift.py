"""What holds for every lifted transform of the reference: effects, identity, refusals, exceptions, lifetimes."""

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
from nnxspec.reference_impl import transforms as T

Run = Callable[..., Any]


class Model(nnx.Module):
    """A Module with one of everything: shared Variables, statics, raw arrays, data containers, host values."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(3.0), tag="w")
        self.tied = self.w
        self.count = nnx.BatchStat(jnp.array(0, jnp.int32))
        self.host = nnx.Variable(np.arange(2, dtype=np.int64) + 2**40)
        self.scalar = nnx.Variable(7)
        self.box = nnx.Variable({"a": jnp.ones(2), "b": None})
        self.key = nnx.Variable(jax.random.key(3))
        self.raw = jnp.ones(2, jnp.bfloat16)
        self.items = nnx.data([jnp.zeros(1)])
        self.mode = "train"
        self.child = nnx.List([nnx.Param(jnp.ones(1))])


DIFFERENTIATED: list[Any] = [0, (), (0, 1, T.DiffState(2, nnx.Param))]


def _grad(f: Run, *args: Any) -> Any:
    def loss(*args: Any) -> Any:
        return jnp.float32(0), f(*args)

    return T.grad(loss, argnums=DIFFERENTIATED[len(args) - 1], has_aux=True)(*args)[1]


def _vjp(f: Run, *args: Any) -> Any:
    return T.vjp(lambda *args: (jnp.float32(0), f(*args)), *args, has_aux=True)[2]


def _custom(f: Run, *args: Any) -> Any:
    g = T.custom_vjp(f)
    g.defvjp(lambda *args: (f(*args), None), lambda res, g: None)
    return g(*args)


def _shard(f: Run, *args: Any) -> Any:
    mesh = jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say
    return T.shard_map(f, mesh=mesh, in_specs=spec, out_specs=spec)(*args)


STRUCTURAL: dict[str, Run] = {
    "jit": lambda f, *args: T.jit(f)(*args),
    "grad": _grad,
    "vjp": _vjp,
    "remat": lambda f, *args: T.remat(f)(*args),
    "vmap": lambda f, *args: T.vmap(f, in_axes=None, out_axes=None, axis_size=2)(*args),
    "shard_map": _shard,
    "checkify": lambda f, *args: T.checkify(f)(*args)[1],
    "cond": lambda f, *args: T.cond(True, f, f, *args),
    "switch": lambda f, *args: T.switch(0, [f], *args),
    "custom_vjp": _custom,
}
"""How to run a function under each transform so that its effects are those of one plain call."""

LOOPS: dict[str, Run] = {
    "while_loop": lambda f, x: T.while_loop(lambda v: v[1] < 1, lambda v: (f(v[0]), v[0], v[1] + 1)[1:], (x, 0))[0],
    "fori_loop": lambda f, x: T.fori_loop(0, 1, lambda i, v: (f(v), v)[1], x),
    "scan": lambda f, x: T.scan(lambda c, _: (f(c), (c, 0))[1])(x, jnp.zeros(1))[0],
}
ALL = STRUCTURAL | LOOPS
all_transforms = pytest.mark.parametrize("run", ALL.values(), ids=ALL)
structural = pytest.mark.parametrize("run", STRUCTURAL.values(), ids=STRUCTURAL)


def snapshot(*roots: Any) -> Any:
    """Structure and very leaves of a graph."""
    flat = nnx.split(list(roots))
    leaves = [x.get_raw_value() if isinstance(x, nnx.Variable) else x for _, x in nnx.to_flat_state(flat[1])]
    return flat[0], [(type(x), jax.tree.leaves(x), np.asarray(x).tobytes() if _plain(x) else None) for x in leaves]


def _plain(x: Any) -> bool:
    return isinstance(x, np.ndarray | int)


def same(left: Any, right: Any) -> bool:
    """Whether two snapshots are of the same objects, leaf by leaf."""
    return bool(left[0] == right[0]) and all(
        a[0] is b[0]
        and len(a[1]) == len(b[1])
        and all(x is y for x, y in zip(a[1], b[1], strict=True))
        and a[2] == b[2]
        for a, b in zip(left[1], right[1], strict=True)
    )


def no_tracers(*roots: Any) -> bool:
    """Whether no leaf is a tracer."""
    return not any(isinstance(x, jax.core.Tracer) for _, values, _ in snapshot(*roots)[1] for x in values)


@all_transforms
def test_values_and_metadata(run: Run) -> None:
    model = Model()
    w, child = model.w, model.child[0]

    def body(m: Model) -> None:
        m.w[...] = m.w[...] + 1
        m.tied[0] = m.w[0] + 1
        m.count.set_value(m.count[...] + 2)
        m.child[0].set_value(m.child[0][...] * 3)

    run(body, model)
    assert model.w is w and model.tied is w and model.child[0] is child
    assert w[...].tolist() == [2, 2, 3] and model.count[...] == 2 and child[...].tolist() == [3]
    assert no_tracers(model)


@all_transforms
def test_doing_nothing_changes_nothing(run: Run) -> None:
    model = Model()
    before = snapshot(model)
    run(lambda m: None, model)
    assert same(before, snapshot(model))


@structural
def test_structure(run: Run) -> None:
    model = Model()
    held, child, items = model.count, model.child, model.items

    def body(m: Model) -> None:
        m.count.set_value(m.count[...] + 1)
        del m.count
        m.mode = "eval"
        m.w, m.other = nnx.Param(m.w[...] * 2), m.w
        m.raw = m.raw + 1
        m.items.append(m.child)
        m.child.append(m)
        m.scalar.set_metadata(seen=True)
        m.child[0].set_metadata(role="x")

    run(body, model)
    assert held[...] == 1 and not hasattr(model, "count") and model.mode == "eval"
    assert model.other is model.tied and model.w is not model.tied and model.w[...].tolist() == [0, 2, 4]
    assert model.raw.tolist() == [2, 2] and model.raw.dtype == jnp.bfloat16
    assert model.items[1] is child is model.child and child[1] is model
    assert model.scalar.get_metadata() == {"seen": True} and model.scalar.get_value() == 7
    assert child[0].get_metadata() == {"role": "x"}
    assert len(items) in (1, 2) and no_tracers(model)


@structural
def test_outputs(run: Run) -> None:
    model = Model()
    plain = [model]

    def body(m: Model, same: Model, plain: list[Any]) -> Any:
        assert m is same and plain[0] is m
        plain.append(nnx.Param(jnp.ones(1)))
        new = nnx.List([m.w, nnx.Dict(back=m)])
        return m.child, new, {"w": m.w, "new": new}, m.w[...] + 1, None

    child, new, named, array, nothing = run(body, model, model, plain)
    assert child is model.child and named["w"] is model.w and named["new"] is new
    assert new[0] is model.w and new[1].back is model and nothing is None
    assert array.tolist() == [1, 2, 3] and plain == [model]
    model.count.set_value(jnp.array(5))  # what comes back belongs to this trace
    new.append(1)


@all_transforms
def test_captured(run: Run) -> None:
    captured, other = Model(), Model()
    before = snapshot(captured, other)
    writes: list[Callable[[Any], Any]] = [
        lambda m: captured.w.set_value(m.w[...]),
        lambda m: captured.box.__setitem__("a", m.w[...]),
        lambda m: captured.w.set_metadata(a=1),
        lambda m: setattr(captured, "new", m.w[...]),
        lambda m: captured.child.append(1),
        lambda m: nnx.pop(captured, nnx.Param),
        lambda m: nnx.update(captured, nnx.state(m)),
    ]
    for write in writes:
        with pytest.raises(nnx.TraceContextError):
            run(write, other)
    for leak in (lambda m: setattr(m, "new", captured), lambda m: m.child.append(captured.w)):
        with pytest.raises(ValueError):
            run(leak, other)
    assert same(before, snapshot(captured, other))
    run(lambda m: m.w.set_value(m.w[...] + captured.w[...]), other)
    assert other.w[...].tolist() == [0, 2, 4]


@structural
def test_returning_captured(run: Run) -> None:
    captured = Model()
    for out in (captured, [captured.w], {"a": nnx.List}):
        if isinstance(out, dict):
            continue
        with pytest.raises(ValueError):
            run(lambda m, out=out: out, Model())


@all_transforms
def test_exceptions(run: Run) -> None:
    model = Model()
    before = snapshot(model)

    def body(m: Model) -> None:
        m.w[...] = m.w[...] + 1
        m.mode = "eval"
        m.items.append(m.w)
        m.child.clear()
        m.w.set_metadata(a=1)
        raise KeyError("half-way")

    with pytest.raises(KeyError):
        run(body, model)
    assert same(before, snapshot(model))
    run(lambda m: m.count.set_value(m.count[...] + 1), model)
    assert model.count[...] == 1


DIRECT = {name: run for name, run in STRUCTURAL.items() if name not in ("grad", "vjp")}
"""Those that get the function itself, not one that calls it."""


@pytest.mark.parametrize("run", DIRECT.values(), ids=DIRECT)
def test_bound_methods(run: Run) -> None:
    for method in (Model().sow, functools.partial(Model().sow, nnx.Param), functools.partial(Model().train)):
        with pytest.raises(ValueError, match="bound method"):
            run(method, Model())


def test_bound_methods_of_the_others() -> None:
    method = Model().sow
    for call in (
        lambda: T.scan(method),
        lambda: T.while_loop(method, lambda x: x, 0),
        lambda: T.while_loop(lambda x: x, method, 0),
        lambda: T.fori_loop(0, 1, method, 0),
        lambda: T.cond(True, lambda: 0, method),
        lambda: T.grad(method),
        lambda: T.value_and_grad(method),
        lambda: T.jvp(method, (1.0,), (1.0,)),
        lambda: T.vjp(method, 1.0),
        lambda: T.pmap(method),
        lambda: T.eval_shape(method),
        lambda: T.transform_metadata(method, partition=None),
        lambda: T.custom_vjp(lambda x: x).defvjp(method, method),
    ):
        with pytest.raises(ValueError, match="bound method"):
            call()


@all_transforms
def test_nothing_is_kept_alive(run: Run) -> None:
    def body(m: Model) -> None:
        m.w[...] = m.w[...] + 1

    model = Model()
    run(body, model)
    refs = [weakref.ref(body), weakref.ref(model), weakref.ref(model.w)]
    del body, model
    gc.collect()
    assert [ref() for ref in refs] == [None] * 3


@all_transforms
def test_nested_in_jit_and_closing_over_tracers(run: Run) -> None:
    model = Model()

    def body(m: Model, x: Any) -> Any:
        y = x * 2

        def inner(m: Model) -> None:
            m.w[...] = m.w[...] + y

        run(inner, m)
        return m.w[...].sum()

    jitted = T.jit(body)
    assert jitted(model, 1.0) == 9 and jitted(model, 2.0) == 21 and jitted(model, jnp.int32(1)) == 27
    assert no_tracers(model)


def test_deep_graphs() -> None:
    class Link(nnx.Module):
        pass

    gc.disable()
    try:
        root = end = Link()
        for _ in range(20_000):
            end.next = Link()
            end = end.next
        end.w, end.back = nnx.Param(jnp.ones(1)), root

        def last(m: Any) -> Any:
            while hasattr(m, "next"):
                m = m.next
            return m

        T.jit(lambda m: last(m).w.set_value(last(m).w[...] + 1))(root)
        assert end.w[...] == 2
        while hasattr(root, "next"):
            root = root.next
    finally:
        gc.enable()
