"""Laws of keyword arguments under transforms."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...terms import TRANSFORMATION

KEYWORD_TRANSFORMS = ("jit", "grad", "value_and_grad", "remat", "checkify")
"""Transforms whose functions take keyword arguments."""


def under(nnx: Any, transform: str, f: Callable[..., Any], **fixed: Any) -> Callable[..., Any]:
    """A function `f(x, ...)` under a transform, with the result as output of `f` and gradient with respect to `x`.

    Args:
        nnx: the backend.
        transform: its name.
        f: the function.
        fixed: arguments that the function gets by `functools.partial` before it is transformed.
    """
    if fixed and "grad" not in transform:
        f = functools.partial(f, **fixed)
    if transform == "jit":
        return lambda *args, **kwargs: (nnx.jit(f)(*args, **kwargs), None)
    if transform == "remat":
        return lambda *args, **kwargs: (nnx.remat(f)(*args, **kwargs), None)
    if transform == "checkify":
        return lambda *args, **kwargs: (nnx.checkify(f)(*args, **kwargs)[1], None)

    @functools.wraps(f)
    def loss(x: Any, *args: Any, **kwargs: Any) -> Any:
        return jnp.sum(x * x), f(x, *args, **kwargs)

    function = functools.partial(loss, **fixed) if fixed else loss
    if transform == "grad":
        return lambda *args, **kwargs: nnx.grad(function, has_aux=True)(*args, **kwargs)[::-1]
    return lambda *args, **kwargs: value_and_gradient(nnx.value_and_grad(function, has_aux=True)(*args, **kwargs))


def value_and_gradient(came: Any) -> Any:
    """The aux and the gradient of what `value_and_grad` gives."""
    (_, aux), gradient = came
    return aux, gradient


def gradient_of(transform: str, x: Any) -> Any:
    """The gradient that comes with a transform: that of the sum of squares, or none."""
    return x * 2 if "grad" in transform else None


def called(function: Callable[..., Any], x: Any, args: Any, count: int) -> Any:
    """The result of a call with the last `count` of the arguments given by the names ``a``, ``b`` and ``c``."""
    by_position = len(args) - count
    return function(x, *args[:by_position], **dict(list(zip("abc", args, strict=False))[by_position:]))


@law("transform.keyword-arguments", term=TRANSFORMATION, level=SHOULD, uses=("transform.jit",))
def keyword_arguments(nnx: Any, transform: str, p: Any, count: int) -> Claims:
    """A call of a function under jit, grad, remat or checkify with arguments given by keyword has the outputs, the
    gradient and the effects on its arguments of the same call by position, and those of the eager run.
    """
    i = jnp.int32(0)
    functions = (lambda x, a: p.body(i, a), lambda x, a, b: p.body(i, a, b), lambda x, a, b, c: p.body(i, a, b, c))
    f: Any = functions[len(p.groups) - 1]
    x = jnp.array([1.0, 3.0])
    eager = p.make()
    out = p.body(i, *eager)
    for named, about in ((0, "by position"), (1 + count % len(eager), "by keyword")):
        args = p.make()
        came = called(under(nnx, transform, f), x, args, named)
        yield Eq((args, came[0]), (eager, out), f"{about}: arguments and output")
        yield Eq(came[1], gradient_of(transform, x), f"{about}: gradient")


@law("transform.keyword-only-arguments", term=TRANSFORMATION, level=SHOULD, uses=("transform.jit",))
def keyword_only_arguments(nnx: Any, transform: str, p: Any, positional: bool) -> Claims:
    """Under jit, grad, remat and checkify a function may have arguments that can be given by keyword only, as under
    jax's own; the call has the outputs and effects of the eager run.
    """
    i = jnp.int32(0)

    def f(x: Any, *, m: Any, scale: Any = 2) -> Any:
        return p.body(i, *m), x * scale

    def g(x: Any, **more: Any) -> Any:
        return p.body(i, *more["m"]), x * 2

    x = jnp.array([1.0, 3.0])
    eager = p.make()
    out = p.body(i, *eager)
    args = p.make()
    came = under(nnx, transform, f if positional else g)(x, m=list(args))
    yield Eq((args, came), (eager, ((out, x * 2), gradient_of(transform, x))), "arguments, output and gradient")


@law("transform.default-arguments", term=TRANSFORMATION, level=SHOULD, uses=("transform.jit", "mutation"))
def default_arguments(nnx: Any, make: Any, transform: str, named: tuple[str, ...], positional: int) -> Claims:
    """Under jit, grad, remat and checkify arguments that have a default may be left out, also before others that are
    given by name; outputs, gradient and effects are those of the eager run.

    A `functools.partial` with an argument given by name is a function like any other there, and under vmap and scan,
    where there are these, as under jax's own.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> dict[str, Any]:
        holder, other = Holder(), Holder()
        holder.m, holder.v, other.v = make(), nnx.Param(jnp.ones(2)), nnx.Param(jnp.full(2, 3.0))
        return {"m": holder, "times": jnp.float32(5), "plus": jnp.ones(2), "other": other}

    def f(x: Any, m: Any = None, times: Any = 2, plus: Any = None, other: Any = None) -> Any:
        total = jnp.sum(x) * times
        for holder in (m, other):
            if holder is not None:
                holder.v.set_value(holder.v.get_value() * times)
                total = total + jnp.sum(holder.v.get_value())
        return total if plus is None else total + jnp.sum(plus)

    def scaled(holder: Any, x: Any, times: Any = 2) -> Any:
        holder.v.set_value(holder.v.get_value() + x * times)
        return x * times

    x, seven = jnp.array([1.0, 3.0]), jnp.float32(7)
    given, eager = build(), build()
    if transform in ("vmap", "scan") and not nnx.offers(f"transform.{transform}"):
        transform = "jit"
    if transform in ("vmap", "scan"):
        holder, whole = given["other"], eager["other"]
        function = functools.partial(scaled, times=seven)
        lift = nnx.vmap if transform == "vmap" else nnx.scan
        came = lift(function, in_axes=(0, 0), out_axes=0)(holder, x)
        yield Eq((holder, came), (whole, scaled(whole, x, seven)), "a `functools.partial` over slices")
        return
    order = tuple(given)
    first = order[:positional]
    out = f(x, *[eager[name] for name in first], **{name: eager[name] for name in named if name not in first})
    by_name = {name: given[name] for name in named if name not in first}
    came = under(nnx, transform, f)(x, *[given[name] for name in first], **by_name)
    yield Eq((given, came), (eager, (out, gradient_of(transform, x))), "arguments, output and gradient")
    given, eager = build(), build()
    came = under(nnx, transform, f, times=seven)(x, given["other"])
    right = f(x, eager["other"], times=seven), gradient_of(transform, x)
    yield Eq((given["other"], came), (eager["other"], right), "a `functools.partial` with an argument given by name")


@law("transform.negative-argnums", term=TRANSFORMATION, level=SHOULD, uses=("transform.grad", "transform.remat"))
def negative_argnums(nnx: Any, transform: str, seeds: tuple[int, ...], named: int, argnum: int) -> Claims:
    """Negative argnums count back from the last argument given by position, as in jax, whatever is given by keyword."""
    values = [jnp.arange(3.0) + seed for seed in seeds]

    def f(x: Any, a: Any, b: Any, c: Any) -> Any:
        return jnp.sum(x * 2 + a * 3 + b * 5 + c * 7)

    number = -1 - argnum % (len(values) - named)
    meant = len(values) - named + number
    about = f"{number} of {len(values) - named} positional arguments"
    if transform == "remat":
        traced: list[Any] = []

        def look(x: Any, a: Any, b: Any, c: Any) -> Any:
            traced[:] = [isinstance(value, jax.core.Tracer) for value in (x, a, b, c)]
            return f(x, a, b, c)

        called(nnx.remat(look, static_argnums=number), values[0], values[1:], named)
        yield Eq(traced, [i != meant for i in range(4)], f"which arguments are traced, static: {about}")
        return
    transformed = (nnx.grad if transform == "grad" else nnx.value_and_grad)(f, argnums=number)
    came = called(transformed, values[0], values[1:], named)
    gradient = came if transform == "grad" else came[1]
    yield Eq(gradient, jnp.full(3, (2, 3, 5, 7)[meant], "float32"), f"gradient: {about}")


LAWS: tuple[Law, ...] = (keyword_arguments, keyword_only_arguments, default_arguments, negative_argnums)
