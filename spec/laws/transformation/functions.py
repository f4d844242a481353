"""Laws of the function that is given to a transform, and one way to put any function of a graph under any transform."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...law import Law, law
from ...terms import TRANSFORMATION

TRANSFORMS = (
    "jit",
    "cached-partial",
    "grad",
    "value-and-grad",
    "jvp",
    "vjp",
    "custom-vjp",
    "remat",
    "vmap",
    "pmap",
    "shard-map",
    "scan",
    "cond",
    "switch",
    "while-loop",
    "fori-loop",
    "eval-shape",
    "checkify",
)
"""Names of the transforms, as inputs of laws about all of them."""


def one_device() -> Any:
    """A mesh of one device."""
    return jax.make_mesh((1,), ("d",), axis_types=(jax.sharding.AxisType.Auto,))


def lifted(nnx: Any, transform: str, f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of the same arguments that runs `f(m, w)` under a transform, made once and called often.

    Args:
        nnx: the backend.
        transform: one of `TRANSFORMS`.
        f: takes a graph and a small node whose arrays are floats with an axis of size 1; returns a float scalar.
            Gradients are those of `w`, and `w` is what is mapped; `m` is seen whole. Under jvp and vjp `m` is captured.
    """
    whole: Any = jax.sharding.PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say

    def again(m: Any, w: Any) -> Any:
        return f(m, w)

    def step(i: Any, value: Any) -> Any:
        f(*value)
        return value

    def count(value: Any) -> Any:
        return value[2] < 1

    def proceed(value: Any) -> Any:
        f(value[0], value[1])
        return value[0], value[1], value[2] + 1

    def carry(m: Any, w: Any) -> Any:
        return m, f(m, w)

    if transform == "jit":
        return nnx.jit(f)  # type: ignore[no-any-return]  # a backend's function is known at run time only
    if transform == "cached-partial":
        compiled = nnx.jit(f)
        return lambda m, w: nnx.cached_partial(compiled, m)(w)
    if transform == "grad":
        return nnx.grad(f, argnums=1)  # type: ignore[no-any-return]
    if transform == "value-and-grad":
        return nnx.value_and_grad(f, argnums=1)  # type: ignore[no-any-return]
    if transform == "jvp":
        return lambda m, w: nnx.jvp(lambda w: f(m, w), (w,), (nnx.clone(w),))
    if transform == "vjp":
        return lambda m, w: nnx.vjp(lambda w: f(m, w), w)[1](jnp.float32(1))
    if transform == "custom-vjp":
        ruled = nnx.custom_vjp(f)
        ruled.defvjp(lambda m, w: (f(m, w), None), lambda residual, g: tuple(g[0]))
        return ruled  # type: ignore[no-any-return]
    if transform == "remat":
        return nnx.remat(f)  # type: ignore[no-any-return]
    if transform == "vmap":
        return nnx.vmap(f, in_axes=(None, 0))  # type: ignore[no-any-return]
    if transform == "pmap":
        return nnx.pmap(f, in_axes=(None, 0))  # type: ignore[no-any-return]
    if transform == "shard-map":
        return nnx.shard_map(f, mesh=one_device(), in_specs=(whole, whole), out_specs=whole)  # type: ignore[no-any-return]
    if transform == "scan":
        return nnx.scan(carry, in_axes=(nnx.Carry, 0))  # type: ignore[no-any-return]
    if transform == "cond":
        return lambda m, w: nnx.cond(jnp.array(True), f, again, m, w)
    if transform == "switch":
        return lambda m, w: nnx.switch(jnp.array(1), (f, again), m, w)
    if transform == "while-loop":
        return lambda m, w: nnx.while_loop(count, proceed, (m, w, jnp.int32(0)))
    if transform == "fori-loop":
        return lambda m, w: nnx.fori_loop(0, 1, step, (m, w))
    if transform == "eval-shape":
        return lambda m, w: nnx.eval_shape(f, m, w)
    return nnx.checkify(f)  # type: ignore[no-any-return]


POSITIONS = (
    "jit",
    "grad",
    "value-and-grad",
    "jvp",
    "vjp",
    "custom-vjp",
    "remat",
    "vmap",
    "pmap",
    "shard-map",
    "scan",
    "eval-shape",
    "checkify",
    "cond-true",
    "cond-false",
    "switch-first",
    "switch-last",
    "while-condition",
    "while-body",
    "fori-body",
)
"""The places at which transforms and control-flow functions take a function."""


def given_to(nnx: Any, position: str, f: Callable[..., Any], x: Any) -> Any:
    """What comes of giving `f` to a transform at one of the `POSITIONS`, and calling that with `x`, an array (1,).

    `f` is a scalar function of x; a condition, body or step where the position is one of a loop.
    """

    def zero(x: Any) -> Any:
        return jnp.float32(0)

    on, i = jnp.array(True), jnp.int32(0)
    if position == "jvp":
        return nnx.jvp(f, (x,), (x,))
    if position == "vjp":
        return nnx.vjp(f, x)[0]
    if position == "cond-true":
        return nnx.cond(on, f, zero, x)
    if position == "cond-false":
        return nnx.cond(~on, zero, f, x)
    if position == "switch-first":
        return nnx.switch(i, (f, zero), x)
    if position == "switch-last":
        return nnx.switch(i + 1, (zero, f), x)
    if position == "while-condition":
        return nnx.while_loop(f, lambda v: v * 2, x)
    if position == "while-body":
        return nnx.while_loop(lambda v: v.sum() < 9, f, x)
    if position == "fori-body":
        return nnx.fori_loop(0, 1, f, x)
    if position == "eval-shape":
        return nnx.eval_shape(f, x)
    if position == "checkify":
        return nnx.checkify(f)(x)[1]
    return transformed(nnx, position, f)(x)


def transformed(nnx: Any, name: str, f: Callable[..., Any]) -> Any:
    """The function that a transform makes of `f`."""
    whole: Any = jax.sharding.PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say
    if name == "shard-map":
        return nnx.shard_map(f, mesh=one_device(), in_specs=(whole,), out_specs=whole)
    if name == "scan":
        return nnx.scan(f, in_axes=0, out_axes=0)
    if name == "custom-vjp":
        ruled = nnx.custom_vjp(f)
        ruled.defvjp(lambda x: (f(x), None), lambda residual, g: (g,))
        return ruled
    if name == "value-and-grad":
        return nnx.value_and_grad(f)
    if name == "vmap":
        return nnx.vmap(f)
    if name == "pmap":
        return nnx.pmap(f)
    return nnx.grad(f) if name == "grad" else nnx.remat(f) if name == "remat" else nnx.jit(f)


def wanted(position: str) -> Any:
    """What `given_to` gives for `f(x) = sum(2 * x)` and its loop kin, at x = [3]."""
    six, gradient = jnp.float32(6), jnp.full((1,), 2.0, jnp.float32)
    if position == "grad":
        return gradient
    if position == "value-and-grad":
        return six, gradient
    if position == "jvp":
        return six, six
    if position in ("vmap", "pmap", "scan"):
        return six[None]
    if position == "eval-shape":
        return jax.ShapeDtypeStruct((), jnp.float32)  # type: ignore[no-untyped-call]  # jax does not say
    if position == "while-condition":
        return jnp.full((1,), 12.0, jnp.float32)
    if position == "while-body":
        return jnp.full((1,), 12.0, jnp.float32)
    return jnp.full((1,), 6.0, jnp.float32) if position == "fori-body" else six


@law("transform.bound-methods-rejected", term=TRANSFORMATION, uses=("transform.jit", "trace-guard"))
def bound_methods_rejected(nnx: Any, position: str, layers: int, inner: bool) -> Claims:
    """A bound method of a Module given as the function, also through `functools.partial`, is refused with ValueError by
    every transform and control-flow function at each place where it takes a function; a function that calls the method,
    the method of another object and a class method are accepted there.

    The Module of a bound method would be captured, and what the function changes in it would be lost or refused much
    later. A mode that does not offer jvp or vjp may say so first, with NotImplementedError.
    """

    class Layer(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, scale: float) -> None:
            self.scale = nnx.Param(jnp.float32(scale))

        def value(self, x: Any) -> Any:
            return jnp.sum(self.scale[...] * x)

        def condition(self, x: Any) -> Any:
            return jnp.sum(self.scale[...] * x) < 20

        def body(self, x: Any) -> Any:
            return self.scale[...] * x

        def step(self, i: Any, x: Any) -> Any:
            return self.scale[...] * x

        @classmethod
        def of_class(cls, x: Any) -> Any:
            return cls(2.0).value(x)

    class Outer(nnx.Module):  # type: ignore[misc]  # see above
        def __init__(self) -> None:
            self.layer = Layer(2.0)

    class Plain:
        def value(self, x: Any) -> Any:
            return jnp.sum(2.0 * x)

    node = Outer()
    layer = node.layer if inner else Layer(2.0)
    names = {"while-condition": "condition", "while-body": "body", "fori-body": "step"}
    name = names.get(position, "value")
    method = {"condition": layer.condition, "body": layer.body, "step": layer.step, "value": layer.value}[name]
    bound: Any = method
    for _ in range(layers):
        bound = functools.partial(bound)
    x = jnp.full((1,), 3.0, jnp.float32)
    absent = (NotImplementedError,) if position in ("jvp", "vjp") else ()
    yield Refused(
        (ValueError, *absent),
        lambda: given_to(nnx, position, bound, x),
        unchanged=(node, layer),
        about="a bound method",
    )
    unbound: Any = method
    accepted: list[tuple[str, Callable[..., Any]]] = [("a function that calls it", lambda *args: unbound(*args))]
    if name == "value":
        of_class: Any = Layer.of_class
        accepted += [("a method of another object", Plain().value), ("a class method", of_class)]
    for about, f in accepted:
        came = attempt(functools.partial(given_to, nnx, position, f, x))
        yield EqOrRefused(came, wanted(position), absent, about=about)


METHODS = ("jit", "jit with options", "remat", "vmap", "pmap", "grad", "value-and-grad", "checkify")
"""Transforms as decorators of methods."""


def decorator(nnx: Any, transform: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A transform of functions `f(m, x)` of a node and an array with one lane."""
    found = {
        "jit": lambda: nnx.jit,
        "jit with options": lambda: nnx.jit(inline=True),
        "remat": lambda: nnx.remat,
        "vmap": lambda: nnx.vmap(in_axes=(None, 0)),
        "pmap": lambda: nnx.pmap(in_axes=(None, 0)),
        "grad": lambda: nnx.grad,
        "value-and-grad": lambda: nnx.value_and_grad,
        "checkify": lambda: nnx.checkify,
    }
    return found[transform]()  # type: ignore[no-any-return]  # a backend's function is known at run time only


@law("transform.methods", term=TRANSFORMATION, uses=("transform.jit", "mutation"))
def methods(nnx: Any, transform: str, how: str) -> Claims:
    """A method that is decorated with a transform in the body of its class is the transformed function with the
    instance as first argument: called on an instance, through the class, by a subclass or by `super()`.
    """

    traced: list[bool] = []

    class Base(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self) -> None:
            self.v, self.n = nnx.Param(jnp.float32(3)), nnx.BatchStat(jnp.float32(0))

        @decorator(nnx, transform)
        def step(self, x: Any) -> Any:
            self.n.set_value(self.n.get_value() + 1)
            traced.append(isinstance(self.v.get_value() * x, jax.core.Tracer))
            return jnp.sum(self.v.get_value() * x)

    class Derived(Base):
        pass

    class Calling(Base):
        def step(self, x: Any) -> Any:
            return super().step(x)

    def plain(m: Any, x: Any) -> Any:
        m.n.set_value(m.n.get_value() + 1)
        return jnp.sum(m.v.get_value() * x)

    kind = {"subclass": Derived, "super": Calling}.get(how, Base)
    m, other, x = kind(), kind(), jnp.full((1,), 2.0)
    stored = m.step
    for number in (1, 2):
        came = Base.step(m, x) if how == "class" else stored(x) if how == "stored" else m.step(x)
        expected = decorator(nnx, transform)(plain)(other, x)
        if transform == "checkify":
            came, expected = came[1], expected[1]
        yield Eq((came, m), (expected, other), f"{transform}, {how}: call number {number}")
    yield Eq(set(traced), {True}, f"{transform}, {how}: whether it is traced")


LAWS: tuple[Law, ...] = (bound_methods_rejected, methods)
"""The laws of this module."""
