"""vmap, pmap, shard_map, scan and transform_metadata of the reference against eager loops."""

import gc
import weakref
from typing import Any

import jax
import jax.numpy as jnp
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T


class Model(nnx.Module):
    """A Param of shape (2, 3) by default, and a counter per lane."""

    def __init__(self, w: Any = None, count: Any = None) -> None:
        self.w = nnx.Param(jnp.arange(6.0).reshape(2, 3) if w is None else w)
        self.count = nnx.BatchStat(jnp.zeros(2, jnp.int32) if count is None else count)


MIXED = T.StateAxes({nnx.Param: 0, ...: None})


def total() -> Model:
    """A Model with one counter for all lanes."""
    return Model(count=jnp.array(0, jnp.int32))


def test_vmap_lanes() -> None:
    m = Model()
    m.raw = jnp.ones((2, 2))
    w = m.w

    def body(m: Model, x: Any) -> Any:
        m.w.set_value(jnp.append(m.w[...], x))
        m.count.set_value(m.count[...] + 1)
        m.raw = m.raw * x
        m.new = nnx.Param(x)
        return m.w, Model(w=jnp.full(1, x), count=x)

    out, new = T.vmap(body)(m, jnp.array([5.0, 6.0]))
    assert out is m.w is w and w[...].tolist() == [[0, 1, 2, 5], [3, 4, 5, 6]] and m.count[...].tolist() == [1, 1]
    assert m.raw.tolist() == [[5, 5], [6, 6]] and m.new[...].tolist() == [5, 6] and new.w[...].tolist() == [[5], [6]]


@pytest.mark.parametrize("axis", [1, -1])
def test_vmap_other_axes(axis: int) -> None:
    m = Model(count=jnp.zeros((4, 3)))
    seen = []

    def body(m: Model, *, y: Any) -> Any:
        seen.append((m.w.shape, m.count.shape, y.shape))
        m.w.set_value(m.w[...][:, None] * jnp.ones(5))
        return m.w[...]

    out = T.vmap(body, in_axes=axis, out_axes=axis)(m, y=jnp.zeros((3, 7)))
    assert seen == [((2,), (4,), (7,))] and m.w.shape == ((2, 3, 5) if axis == 1 else (2, 5, 3))
    assert (out == m.w[...]).all() and (m.w[...][1, :, 0] if axis == 1 else m.w[...][1, 0]).tolist() == [3, 4, 5]


def test_vmap_broadcast_and_refusals() -> None:
    m = total()

    def body(m: Model, x: Any) -> None:
        m.count.set_value(m.count[...] + 1)
        m.w.set_value(m.w[...] + x)

    T.vmap(body, in_axes=(MIXED, 0))(m, jnp.arange(2.0))
    assert m.count[...] == 1 and m.w[...].tolist() == [[0, 1, 2], [4, 5, 6]]
    before = m.w.get_value()
    by_lane = lambda m, x: m.count.set_value(m.count[...] + x.astype(int))  # noqa: E731
    refused: list[Any] = [
        lambda: T.vmap(by_lane, in_axes=(MIXED, 0))(m, jnp.arange(2.0)),
        lambda: T.vmap(by_lane)(m, jnp.arange(2.0)),  # a scalar has no axis 0
        lambda: T.vmap(lambda a, b: None, in_axes=(MIXED, 0))(m, m),
        lambda: T.vmap(lambda a: a.w, in_axes=0, out_axes=1)(Model()),
        lambda: T.vmap(lambda a: None, in_axes=(T.StateAxes({nnx.Param: 0}),))(m),
        lambda: T.vmap(lambda a: None, in_axes=(0, 0))(Model()),
        lambda: T.vmap(lambda a: None, in_axes=(Model(),))(Model()),
        lambda: T.vmap(lambda a, b: setattr(a, "w", b.w), in_axes=(0, 1))(
            Model(), nnx.Dict(w=nnx.Param(jnp.ones((2, 2))))
        ),
    ]
    for call in refused:
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError, match=r"argument 0 at \('count',\) has the shape \(\), and no axis 0"):
        T.vmap(lambda m: None)(m)
    with pytest.raises(ValueError, match=r"argument 0 at \('count',\) has no axis"):
        T.vmap(by_lane, in_axes=(MIXED, 0))(m, jnp.arange(2.0))
    assert m.w.get_value() is before and m.count[...] == 1


def test_vmap_creation_and_streams() -> None:
    made = T.vmap(lambda x: Model(w=x), in_axes=None, out_axes=None, axis_size=3)(jnp.ones(2))
    assert made.w.shape == (2,)
    rngs = nnx.Rngs(0)
    key = jax.random.split(jax.random.fold_in(jax.random.key(0), 0), 2)
    with nnx.split_rngs(rngs, splits=2):  # type: ignore[union-attr]  # with a node it is no decorator
        stacked = T.vmap(lambda r: Model(w=jax.random.uniform(r(), (3,))), out_axes=0)(rngs)
    expected = [jax.random.uniform(jax.random.fold_in(k, 0), (3,)).tolist() for k in key]
    assert stacked.w[...].tolist() == expected and rngs.default.count[...] == 1


def test_blocks_and_devices() -> None:
    mesh = jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    spec: Any = jax.sharding.PartitionSpec
    f = T.shard_map(
        lambda m, x: (m.w.set_value(m.w[...] + x), m.w)[1],
        mesh=mesh,
        in_specs=(T.StateSharding({nnx.Param: spec("d"), ...: spec()}), spec()),
        out_specs=spec("d"),
    )
    m = total()
    assert f(m, 1.0) is m.w and m.w[...].tolist() == [[1, 2, 3], [4, 5, 6]]
    traces = []

    def body(m: Model, x: Any) -> Any:
        traces.append(1)
        m.w.set_value(m.w[...] * x)
        return m

    g = T.pmap(body, in_axes=(MIXED, None), out_axes=MIXED)
    for factor in (2.0, 3.0):
        n = Model(w=jnp.ones((1, 3)), count=jnp.array(0))
        assert g(n, factor) is n and n.w[...].tolist() == [[factor] * 3]
    assert len(traces) == 1


def test_metadata_of_axes() -> None:
    seen = []
    w = nnx.Param(jnp.ones((2, 3)), out_sharding=("layers", "x"), on_add_axis=lambda v, axis, name: seen.append(name))
    m = nnx.Dict(w=w)

    def body(m: Any) -> Any:
        seen.append(m.w.get_metadata("out_sharding"))
        m.w.set_value(m.w[...] + 1)
        return nnx.Dict(v=nnx.Param(m.w[...], out_sharding=("x",)))

    names = {"partition_name": "layers"}
    out = T.vmap(body, transform_metadata=names)(m)
    assert seen == [("x",), "layers"] and w.get_metadata("out_sharding") == ("layers", "x")
    assert out.v.get_metadata("out_sharding") == ("layers", "x") and w[0, 0] == 2
    out = T.scan(body, in_axes=0, out_axes=1, transform_metadata=names)(m)
    assert out.v.get_metadata("out_sharding") == ("x", "layers") and out.v.shape == (3, 2)
    T.vmap(T.transform_metadata(body, partition="layers"))(m)
    with pytest.raises(ValueError, match="other"):
        T.vmap(body, transform_metadata={"partition_name": "other"})(m)
    assert w.get_metadata("out_sharding") == ("layers", "x")


def loop_body(carry: Any, layers: Model, shared: Model, x: Any) -> Any:
    """Reads and writes all kinds of state."""
    m, y = carry
    m.count.set_value(m.count[...] * 2 + x)
    shared.count.set_value(shared.count[...] + 1)
    layers.w.set_value(layers.w[...] + shared.count[...] + y)
    return (m, y + layers.w[...].sum()), layers.w[...] * x


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_is_the_loop(reverse: bool) -> None:
    def setting() -> Any:
        return total(), Model(), total()

    m, layers, shared = setting()
    f = T.scan(loop_body, in_axes=(T.Carry, 1, None, 0), out_axes=(T.Carry, -1), reverse=reverse, unroll=2)
    layers.count.set_value(jnp.zeros((1, 3)))
    (same, y), ys = f((m, 0.0), layers, shared, jnp.arange(1, 4))
    assert same is m
    m2, layers2, shared2 = setting()
    y2: Any = 0.0
    stacked: list[Any] = [None] * 3
    for i in (2, 1, 0) if reverse else (0, 1, 2):
        layer = Model(w=layers2.w[...][:, i])
        (m2, y2), stacked[i] = loop_body((m2, y2), layer, shared2, jnp.arange(1, 4)[i])
        layers2.w.set_value(layers2.w[...].at[:, i].set(layer.w[...]))
    assert y == y2 and ys.tolist() == jnp.stack(stacked, -1).tolist()
    assert layers.w[...].tolist() == layers2.w[...].tolist() and m.count[...] == m2.count[...]
    assert shared.count[...] == shared2.count[...] == 3


def test_scan_structure() -> None:
    m, layers = total(), Model()
    old = m.count

    def body(m: Model, layers: Model, x: Any) -> Any:
        m.count = nnx.BatchStat(m.count[...] + x)
        layers.extra = nnx.Param(x)
        del layers.count
        return m, Model(w=x, count=x), layers.w

    same, new, w = T.scan(body, in_axes=(T.Carry, 0, 0), out_axes=(T.Carry, 0, 0))(m, layers, jnp.array([4, 5]))
    assert same is m and m.count is not old and old[...] == 0 and m.count[...] == 9
    assert layers.extra[...].tolist() == [4, 5] and not hasattr(layers, "count") and w is layers.w
    assert new.w[...].tolist() == [4, 5]
    same, ys = T.scan(lambda m, x: (setattr(m, "count", nnx.BatchStat(m.count[...])), (m, x))[1])(m, jnp.zeros((0, 3)))
    assert same is m and ys.shape == (0, 3) and m.count[...] == 9


def test_scan_plain_containers_and_mixed_nodes() -> None:
    m, plain = total(), [jnp.ones(3)]

    def body(carry: Any, m: Model, plain: list[Any], x: Any) -> Any:
        plain.append(m)
        carry.append(carry.pop() + x)
        m.w = nnx.Param(m.w[...] * plain[0] * x)
        m.count = nnx.BatchStat(m.count[...] + 1)
        return carry, None

    axes = (T.Carry, MIXED, None, 0)
    carry, _ = T.scan(body, in_axes=axes, out_axes=(T.Carry, 0))([0.0, 1.0], m, plain, jnp.array([2.0, 3.0]))
    assert [float(x) for x in carry] == [0, 6] and len(plain) == 1
    assert m.w[...].tolist() == [[0, 2, 4], [9, 12, 15]] and m.count[...] == 2


def test_scan_refusals() -> None:
    m = total()
    carry = T.Carry
    for axes in (
        {"in_axes": (carry, 0), "out_axes": 0},
        {"in_axes": 0, "out_axes": carry},
        {"in_axes": (carry, carry), "out_axes": carry},
        {"in_axes": ([carry], 0), "out_axes": (carry, 0)},
        {"in_axes": (carry, 0), "out_axes": (carry, None)},
        {"in_axes": (carry, 0), "out_axes": (carry, {"a": carry})},
        {"in_axes": (carry, 0), "out_axes": (carry, T.StateAxes({...: carry}))},
    ):
        with pytest.raises(ValueError):
            T.scan(lambda c, x: (c, x), **axes)

    def swap(m: Model, x: Any) -> Any:
        m.w, m.count = m.count, m.w
        return m, x

    bodies: list[Any] = [
        lambda m, x: (nnx.clone(m), x),
        lambda m, x: (m.w, x),
        lambda m, x: (setattr(m, "mode", "eval"), (m, x))[1],
        lambda m, x: (setattr(m, "new", nnx.Param(x)), (m, x))[1],
        lambda m, x: (m.w.set_value(jnp.zeros(7)), (m, x))[1],
        lambda m, x: (m.w.set_value(m.w[...].astype(int)), (m, x))[1],
        lambda m, x: (m, m),
        lambda m, x: m,
        swap,
    ]
    before = m.w.get_value(), m.count.get_value()
    for body in bodies:
        with pytest.raises((ValueError, TypeError)):
            T.scan(body)(m, jnp.arange(2))
    assert m.w.get_value() is before[0] and m.count.get_value() is before[1] and sorted(vars(m)) == ["count", "w"]


def test_scan_traces_once_and_nests() -> None:
    traces = []

    def body(m: Model, x: Any) -> Any:
        traces.append(1)
        T.cond(x > 0, lambda m: m.count.set_value(m.count[...] + 1), lambda m: None, m)
        return m, T.grad(lambda m: jnp.sum(m.w[...] ** 2))(m).w[...].sum()

    f = T.scan(body)
    m, other = total(), total()
    _, ys = f(m, jnp.arange(3))
    count = len(traces)
    f(other, jnp.arange(3))
    assert len(traces) == count and m.count[...] == 2 and ys.tolist() == [30, 30, 30]
    key = nnx.Rngs(0)
    draws = T.scan(lambda r, x: jax.random.uniform(r()), in_axes=(None, 0), out_axes=0)(key, jnp.arange(2))
    eager = nnx.Rngs(0)
    assert draws.tolist() == [jax.random.uniform(eager()).tolist() for _ in range(2)] and key.default.count[...] == 2
    assert (
        T.grad(
            lambda m: T.scan(lambda c, m, x: (c * m.w[0, 1], x), in_axes=(T.Carry, None, 0))(1.0, m, jnp.arange(3))[0]
        )(m).w[0, 1]
        == 3
    )


def test_pmap_does_not_keep_the_function() -> None:
    """jax.pmap keeps for good what it is given, so that must not be the user's function."""
    held: list[Any] = []

    def use() -> None:
        def f(x: Any) -> Any:
            return x + 1

        assert nnx.pmap(f)(jnp.zeros((1,)))[0] == 1
        held.append(weakref.ref(f))

    use()
    gc.collect()
    assert held[0]() is None
