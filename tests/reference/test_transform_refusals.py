"""What every transform refuses: captured objects that change or are returned, and bound methods as functions."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.sharding import PartitionSpec

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T

from .refusals import Refused, Run, nothing, step

SPEC: Any = PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say


def shard(f: Any) -> Any:
    mesh = jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))
    return T.shard_map(f, mesh=mesh, in_specs=SPEC, out_specs=SPEC)


def grad(f: Any) -> Any:
    return T.grad(lambda *args: (jnp.float32(0), f(*args)), has_aux=True)


def custom(f: Any) -> Any:
    g = T.custom_vjp(f)
    g.defvjp(lambda *args: (f(*args), None), lambda res, g: None)
    return g


def jvp(f: Any) -> Any:
    return lambda m: T.jvp(lambda m, x: (x, f(m)), (m, 1.0), (nnx.state(m), 1.0), has_aux=True)[2]


LIFTED: dict[str, Run] = {
    "jit": T.jit,
    "cached_partial": lambda f: lambda m: T.cached_partial(T.jit(f), m)(),
    "grad": grad,
    "jvp": jvp,
    "vjp": lambda f: lambda m: T.vjp(lambda m: (jnp.float32(0), f(m)), m, has_aux=True)[2],
    "custom_vjp": custom,
    "remat": T.remat,
    "vmap": lambda f: T.vmap(f, in_axes=None, out_axes=None, axis_size=2),
    "pmap": lambda f: lambda m: T.pmap(lambda m, x: f(m), in_axes=(None, 0), out_axes=None)(m, jnp.zeros(1)),
    "shard_map": shard,
    "cond": lambda f: lambda m: T.cond(True, f, f, m),
    "switch": lambda f: lambda m: T.switch(0, [f, f], m),
    "eval_shape": lambda f: lambda m: T.eval_shape(f, m),
    "checkify": lambda f: lambda m: T.checkify(f)(m)[1],
}
LOOPS: dict[str, Run] = {
    "scan": lambda f: T.scan(lambda m: (f(m), m)[1], length=1, in_axes=(T.Carry,), out_axes=T.Carry),
    "while_loop": lambda f: (
        lambda m: T.while_loop(lambda v: v[1] < 1, lambda v: (f(v[0]), (v[0], v[1] + 1))[1], (m, 0))
    ),
    "while_loop.cond": lambda f: lambda m: T.while_loop(lambda m: (f(m), False)[1], lambda m: m, m),
    "fori_loop": lambda f: lambda m: T.fori_loop(0, 1, lambda i, m: (f(m), m)[1], m),
}
WRITES: dict[str, tuple[str, Run]] = {
    "value": ("change this Param", lambda m: m.w.set_value(jnp.zeros(3))),
    "index": ("change this Param", lambda m: m.w.__setitem__(0, 1.0)),
    "item": ("change this Variable", lambda m: m.box.__setitem__("a", 1)),
    "metadata": ("change this Param", lambda m: m.w.set_metadata(role="other")),
    "metadata deleted": ("change this Param", lambda m: m.w.del_metadata("role")),
    "key drawn": ("change this RngCount", lambda m: m.stream()),
    "attribute": ("set attribute 'mode' of this Net", lambda m: setattr(m, "mode", "eval")),
    "attribute deleted": ("delete attribute 'count' of this Net", lambda m: delattr(m, "count")),
    "dict": ("'c' of this Dict", lambda m: m.part.__setitem__("c", 1)),
    "list": ("this List", lambda m: m.items.append(nnx.Param(0))),
    "update": ("change this BatchStat", lambda m: nnx.update(m, nnx.state(m, nnx.BatchStat))),
    "pop": ("this Net", lambda m: nnx.pop(m, nnx.BatchStat)),
}
"""What cannot be done to a captured object, and what the message says of it."""


@pytest.mark.parametrize("name", [*LIFTED, *LOOPS])
def test_captured_writes(name: str, refused: Refused) -> None:
    def case(w: Any) -> Any:
        f = (LIFTED | LOOPS)[name](lambda m: step(m) if w.wrong is None else WRITES[w.wrong][1](w.other))
        return lambda: f(w.m)

    says = "cannot .*{}: it was created in another JAX trace.*[Pp]ass it to the transformed function as an argument"
    refused(nnx.TraceContextError, {wrong: says.format(what) for wrong, (what, _) in WRITES.items()}, case)


@pytest.mark.parametrize("name", LIFTED)
def test_captured_objects_returned(name: str, refused: Refused) -> None:
    def case(w: Any) -> Any:
        def body(m: Any) -> Any:
            step(m)
            if w.wrong == "attached":
                m.part["new"] = w.other.w
            return {"node": w.other, "variable": [w.other.w], "inside": {"a": [m, w.other.part]}}.get(w.wrong)

        f = LIFTED[name](body)
        return lambda: f(w.m)

    kinds = {"node": "Net", "variable": "Param", "inside": "Dict", "attached": "Param"}
    says = (
        "a {} that was created outside and is no argument must not be returned from a transform or become part of its"
    )
    refused(ValueError, {wrong: says.format(kind) for wrong, kind in kinds.items()}, case)


LEAKS: dict[str, tuple[str, Run]] = {
    "value": ("change this Param", lambda m: m.w.set_value(jnp.zeros(3))),
    "attribute": ("set attribute 'mode' of this Net", lambda m: setattr(m, "mode", "eval")),
    "list": ("this List", lambda m: m.items.append(nnx.Param(0))),
    "key drawn": ("change this RngCount", lambda m: m.stream()),
}


@pytest.mark.parametrize("name", [*LIFTED, *LOOPS])
def test_leaked_objects_changed_outside(name: str, refused: Refused) -> None:
    def case(w: Any) -> Any:
        leaked: list[Any] = []
        f = (LIFTED | LOOPS)[name](lambda m: leaked.append(m))

        def call() -> Any:
            if w.wrong is None:
                return step(w.m)
            f(w.m)
            return LEAKS[w.wrong][1](leaked[-1])

        return call

    says = "cannot .*{}: it was created in another JAX trace"
    refused(nnx.TraceContextError, {wrong: says.format(what) for wrong, (what, _) in LEAKS.items()}, case)


FUNCTIONS: dict[str, Run] = {
    "jit": T.jit,
    "grad": T.grad,
    "value_and_grad": T.value_and_grad,
    "jvp": lambda f: T.jvp(f, (1.0,), (1.0,)),
    "vjp": lambda f: T.vjp(f, 1.0),
    "custom_vjp": T.custom_vjp,
    "custom_vjp.fwd": lambda f: T.custom_vjp(nothing).defvjp(f, nothing),
    "custom_vjp.bwd": lambda f: T.custom_vjp(nothing).defvjp(nothing, f),
    "remat": T.remat,
    "vmap": T.vmap,
    "pmap": T.pmap,
    "shard_map": shard,
    "scan": T.scan,
    "cond.true_fun": lambda f: T.cond(True, f, nothing),
    "cond.false_fun": lambda f: T.cond(True, nothing, f),
    "switch": lambda f: T.switch(0, [nothing, f]),
    "while_loop.cond_fun": lambda f: T.while_loop(f, nothing, 0),
    "while_loop.body_fun": lambda f: T.while_loop(nothing, f, 0),
    "fori_loop": lambda f: T.fori_loop(0, 1, f, None),
    "eval_shape": T.eval_shape,
    "checkify": T.checkify,
    "transform_metadata": lambda f: T.transform_metadata(f, partition=None),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_no_function(name: str, refused: Refused) -> None:
    transform = name.partition(".")[0]

    def case(w: Any) -> Any:
        methods = {
            "method": w.m.step,
            "partial": functools.partial(w.m.step),
            "partials": functools.partial(functools.partial(w.m.sow, nnx.Param), "a"),
        }
        return lambda: None if w.wrong is None else FUNCTIONS[name](methods[w.wrong])

    says = (
        rf"{transform}.* bound method Net\.{{0}}.*: the Net would not be an argument.*{transform}\(Net\.{{0}}, \.\.\."
    )
    refused(
        ValueError,
        {"method": says.format("step"), "partial": says.format("step"), "partials": says.format("sow")},
        case,
    )
    refused(TypeError, f"{transform}.* takes a function, got Net", lambda w: lambda: w.wrong and FUNCTIONS[name](w.m))
