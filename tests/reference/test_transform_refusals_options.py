"""What transforms refuse in their options: prefixes, axes, shardings, statics, and values that jax does not take."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T

from .refusals import nothing, refusal, step

PARAMS = {nnx.Param: 0, ...: None}
SPEC: Any = PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say
ALONG: Any = PartitionSpec("d")  # type: ignore[no-untyped-call]  # jax does not say


def shard(f: Any, in_specs: Any = SPEC) -> Any:
    mesh = jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    return T.shard_map(f, mesh=mesh, in_specs=in_specs, out_specs=SPEC)


# --- prefixes ---------------------------------------------------------------------------------------------------------

HERE: Any = jax.sharding.SingleDeviceSharding(jax.devices()[0])
TWICE = (
    r"inconsistent aliasing: the \w+ at argument 0 at \('{0}'.* is also at argument 1 at \('{0}'.*, but the prefixes"
)
ALSO = r"inconsistent aliasing: the Param at argument 0 at \('w',\) is also at "


@refusal(ValueError, r"no filter of StateAxes.* matches the BatchStat at \('count',\).*argument 0")
def test_state_axes_without_match(w: Any) -> Any:
    return lambda: T.vmap(step, in_axes=T.StateAxes({nnx.Param: 0} if w.wrong else PARAMS))(w.lanes)


@refusal(ValueError, r"no filter of StateSharding.* matches the BatchStat at \('count',\).*argument 0")
def test_state_sharding_without_match(w: Any) -> Any:
    def call() -> Any:
        filters: Any = {nnx.Param: HERE} if w.wrong else {...: HERE}
        return T.jit(step, in_shardings=(T.StateSharding(filters),))(w.lanes)

    return call


@refusal(
    ValueError,
    {
        "node": ALSO + r"argument 1 at \('w',\), .*: 0 and None",
        "part": ALSO + r"argument 1, .*: 0 and None",
        "in a list": ALSO + r"argument 1 at \(0,\), .*: 0 and None",
        "output": ALSO + r"the output at \('a',\), .*: 0 and 1",
    },
)
def test_vmap_aliases(w: Any) -> Any:
    f = T.vmap(
        lambda a, b: {"a": a.w} if w.wrong == "output" else None, in_axes=(T.StateAxes(PARAMS), None), out_axes=1
    )
    return lambda: f(w.lanes, {"node": w.lanes, "part": w.lanes.w, "in a list": [w.lanes.w]}.get(w.wrong))


@refusal(ValueError, TWICE.format("w"))
def test_pmap_aliases(w: Any) -> Any:
    f = T.pmap(nothing, in_axes=(T.StateAxes(PARAMS), None))
    one = nnx.map(lambda path, x: x.replace(x[...][:1]) if path == ("w",) else x, w.lanes)
    return lambda: f(one, one if w.wrong else w.m)


@refusal(ValueError, TWICE.format("box"))
def test_scan_aliases(w: Any) -> Any:
    f = T.scan(lambda c, m, x: (c, x), in_axes=(T.Carry, None, 0))
    return lambda: f(w.m, w.m if w.wrong else w.other, w.x)


@refusal(ValueError, TWICE.format("box"))
def test_shard_map_aliases(w: Any) -> Any:
    return lambda: shard(nothing, (SPEC, ALONG if w.wrong else SPEC))(w.m, w.m)


@refusal(ValueError, TWICE.format("box"))
def test_jit_aliases(w: Any) -> Any:
    f = T.jit(nothing, in_shardings=(HERE, None))
    return lambda: f(w.m, w.m if w.wrong else w.other)


@refusal(ValueError, TWICE.format("part"))
def test_grad_aliases(w: Any) -> Any:
    f = T.grad(lambda a, b: a.w.sum())
    return lambda: f(w.m, w.m if w.wrong else w.other)


@refusal(
    ValueError,
    {
        "module": r"prefix for argument 0 is a Lanes; use StateAxes",
        "variable": r"prefix for argument 0 is a Param; use StateAxes",
        "inside": r"prefix for argument 0 at \('a',\) is a Param; use StateAxes",
        "list": r"prefix for argument 0 at \('a',\) is a list, what it is for a tuple",
        "longer": r"prefix for argument 0 at \('a',\) has the keys \[0, 1\], what it is for \[0\]",
        "key": r"prefix for argument 0 has the keys \['b'\], what it is for \['a'\]",
        "too deep": r"prefix for argument 0 at \('a', 0\) is a tuple, what it is for a \w+",
    },
)
def test_prefixes_that_do_not_fit(w: Any) -> Any:
    prefixes = {
        "module": w.lanes,
        "variable": w.lanes.w,
        "inside": {"a": w.lanes.w},
        "list": {"a": [0]},
        "longer": {"a": (0, 0)},
        "key": {"b": 0},
        "too deep": {"a": ((0,),)},
    }
    return lambda: T.vmap(nothing, in_axes=(prefixes.get(w.wrong, {"a": (0,)}),))({"a": (w.x,)})


@refusal(ValueError, r"the prefix for the arguments has the keys \[0\], what it is for \[0, 1\]")
def test_prefixes_too_few(w: Any) -> Any:
    return lambda: (
        T.vmap(nothing, in_axes=(0,) if w.wrong else (0, 0))(w.x, w.x),
        shard(nothing, (SPEC,) if w.wrong else (SPEC, SPEC))(w.m, w.other),
    )


@refusal(ValueError, r"the prefix for the output is a list, what it is for a \w+")
def test_output_prefix_that_does_not_fit(w: Any) -> Any:
    return lambda: T.vmap(lambda x: x, out_axes=[0] if w.wrong else 0)(w.x)


@refusal(
    ValueError,
    {
        "scalar": r"argument 0 at \('count',\) has the shape \(\), and no axis 0 to map over",
        "too big": r"argument 0 at \('w',\) has the shape \(2, 3\), and no axis 2 to map over",
        "negative": r"argument 0 at \('w',\) has the shape \(2, 3\), and no axis -3 to map over",
    },
)
def test_vmap_axes(w: Any) -> Any:
    def call() -> Any:
        axes = {"scalar": 0, "too big": T.StateAxes({nnx.Param: 2, ...: None})}
        axes["negative"] = T.StateAxes({nnx.Param: -3, ...: None})
        return T.vmap(step, in_axes=(axes.get(w.wrong, T.StateAxes(PARAMS)),))(w.lanes)

    return call


@refusal(ValueError, r"argument 0 at \('count',\) has the shape \(\), and no axis 0 to map over")
def test_pmap_axes(w: Any) -> Any:
    return lambda: T.pmap(nothing, in_axes=(0 if w.wrong else None, 0))(w.m, w.x[:1])


@refusal(ValueError, r"P\('d',\).*rank 0")
def test_shard_map_axes(w: Any) -> Any:
    return lambda: shard(step, (ALONG if w.wrong else SPEC,))(w.m)


@refusal(
    ValueError,
    {
        "update": r"argument 0 at \('count',\) has no axis, but gets a value that differs from lane to lane",
        "output": r"the output at \('a',\) has no axis, but gets a value that differs from lane to lane",
    },
)
def test_vmap_values_without_axis(w: Any) -> Any:
    def body(m: Any, x: Any) -> Any:
        m.count[...] = m.count[...] + (x if w.wrong == "update" else 1)
        return {"a": x if w.wrong == "output" else 1}

    f = T.vmap(body, in_axes=(None, 0), out_axes=None)
    return lambda: f(w.lanes, w.x)


@refusal(ValueError, {"sizes": r"inconsistent sizes", "no size": r"axis_size must be specified"})
def test_vmap_sizes(w: Any) -> Any:
    def call() -> Any:
        lanes = None if w.wrong == "no size" else T.StateAxes(PARAMS)
        return T.vmap(nothing, in_axes=(lanes, lanes and 0))(w.lanes, jnp.arange(3.0) if w.wrong else w.x)

    return call


@refusal(
    ValueError,
    {
        "x": r"the metadata out_sharding=\('x', None\) of a Param has 'x', not 'd', at the mapped axis 0",
        "no name": r"transform_metadata needs an entry 'partition_name', got \{'other': 'd'\}",
    },
)
def test_metadata(w: Any) -> Any:
    def call() -> Any:
        v = nnx.Param(jnp.ones((2, 3)), out_sharding=("x" if w.wrong == "x" else "d", None))
        name = "other" if w.wrong == "no name" else "partition_name"
        return T.vmap(lambda v: None, transform_metadata={name: "d"})(v)

    return call


# --- jit --------------------------------------------------------------------------------------------------------------


@refusal(
    ValueError,
    {
        "position": r"static argument 1 of type list is not hashable",
        "name": r"static argument 'n' of type list is not hashable",
    },
)
def test_jit_statics(w: Any) -> Any:
    f = T.jit(lambda m, k, n: step(m), static_argnums=1, static_argnames="n")
    return lambda: f(w.m, [1] if w.wrong == "position" else 1, n=[1] if w.wrong == "name" else 1)


@refusal(
    TypeError,
    {"output": r"output.*object|object.*output", "argument": r"argument.*str"},
)
def test_jit_values_that_are_no_arrays(w: Any) -> Any:
    f = T.jit(lambda m, x: (step(m), {"a": [m, object() if w.wrong == "output" else x]})[1])
    return lambda: f(w.m, {"b": "text" if w.wrong == "argument" else 1})


@refusal(
    ValueError,
    {
        "too few": r"in_shardings has 1 entries for 2 dynamic arguments",
        "by name": r"with in_shardings, arguments must be given by position",
    },
)
def test_jit_shardings(w: Any) -> Any:
    f = T.jit(lambda a, b: step(a), in_shardings=(HERE, HERE))
    less = T.jit(lambda a, b: step(a), in_shardings=(HERE,))
    return lambda: less(w.m, w.other) if w.wrong == "too few" else f(w.m, b=w.other) if w.wrong else f(w.m, w.other)


@refusal(TypeError, r"cached_partial takes a function made by jit, got function")
def test_cached_partial_without_jit(w: Any) -> Any:
    return lambda: T.cached_partial(step if w.wrong else T.jit(step), w.m)()


@refusal(ValueError, r"structure of the Dict in argument 0 at \('part',\) was changed in a call of cached_partial")
def test_cached_partial_structure(w: Any) -> Any:
    def body(m: Any, grow: bool) -> None:
        step(m)
        if grow:
            m.part["new"] = nnx.Param(jnp.ones(1))

    f = T.cached_partial(T.jit(body, static_argnums=1), w.m)
    return lambda: f(bool(w.wrong))
