"""Laws of what is kept between calls: traces of all transforms that compile, and the graphs of `cached_partial`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...terms import TRANSFORMATION
from .functions import lifted

KEEPING = ("jit", "pmap", "scan")
"""Transforms whose functions jax traces once for each structure and shapes."""
CHOOSING = ("cond", "switch", "while-loop", "fori-loop")
"""Control flow, which is given the functions anew in each call."""


def pair(nnx: Any, make: Any, dtype: str = "float32", note: str = "") -> tuple[Any, Any]:
    """A graph, and a small node whose array has axes to map over."""
    kernel = nnx.Param(jnp.ones((1, 1), dtype))
    if note:
        kernel.set_metadata(note=note)
    return make(), nnx.Dict(kernel=kernel)


def adding(traces: list[str], name: str, amount: float) -> Callable[[Any, Any], Any]:
    """A new function that adds to the kernel, and notes each time that it is traced."""

    def add(m: Any, w: Any) -> Any:
        traces.append(name)
        w.kernel[...] = w.kernel[...] + jnp.asarray(amount, w.kernel.dtype)
        return jnp.sum(w.kernel[...].astype(jnp.float32))

    return add


def kept_traces(nnx: Any, make: Any, transform: str, order: tuple[int, ...], gone: int) -> Claims:
    """The claims of the laws about traces: calls in some order, with variants of the arguments, of two functions."""
    variants = (("float32", ""), ("bfloat16", ""), ("float32", "a"))
    traces: list[str] = []
    runs = {name: lifted(nnx, transform, adding(traces, name, amount)) for name, amount in (("one", 1), ("two", 2))}
    once: dict[tuple[str, int], int] = {}
    for number in order:
        name, variant = ("one", "two")[number % 2], number // 2 % 3
        before = len(traces)
        m, w = pair(nnx, make, *variants[variant])
        runs[name](m, w)
        new = traces[before:]
        if (name, variant) in once:
            yield Eq(new, [], f"traces of a call like an earlier one ({name}, {variants[variant]})")
        else:
            once[name, variant] = len(new)
            yield Eq(set(new), {name}, f"what a new call traces ({name}, {variants[variant]})")
        yield Eq(w.kernel.get_value(), jnp.full((1, 1), 3 if name == "two" else 2, variants[variant][0]), "the result")
    yield from after_others(nnx, transform, gone)


def after_others(nnx: Any, transform: str, gone: int) -> Claims:
    """The claims for functions that come one after the other, each where one was that is gone, if that can be had."""
    places: set[int] = set()
    for amount in range(gone):
        made = [appender(transform, amount)]
        while id(made[-1]) not in places and len(made) < 100:
            made.append(appender(transform, amount))
        f = made.pop()
        places.add(id(f))
        w = nnx.Dict(kernel=nnx.Param(jnp.ones((1,))))
        control(nnx, transform, f, w)
        yield Eq(
            w.kernel.get_value(),
            jnp.full((1,), 1.0 + amount, "float32"),
            "the result of a function after others are gone",
        )
        del f, made


def appender(transform: str, amount: int) -> Callable[..., Any]:
    """A new function that adds to the kernel, of the arguments that it gets in `control`."""

    def add(*args: Any) -> Any:
        w = args[-1][0] if transform == "while-loop" else args[-1]
        w.kernel[...] = w.kernel[...] + jnp.float32(amount)
        if transform == "while-loop":
            return w, args[-1][1] + 1
        return w if transform == "fori-loop" else jnp.sum(w.kernel[...])

    return add


def no_sum(w: Any) -> Any:
    """The other branch."""
    return jnp.float32(0)


def is_first(value: Any) -> Any:
    """The condition of the loop."""
    return value[1] < 1


def control(nnx: Any, transform: str, f: Callable[..., Any], w: Any) -> None:
    """Runs one function, beside others that are always the same."""
    if transform == "cond":
        nnx.cond(jnp.array(True), f, no_sum, w)
    elif transform == "switch":
        nnx.switch(jnp.int32(1), (no_sum, f), w)
    elif transform == "while-loop":
        nnx.while_loop(is_first, f, (w, jnp.int32(0)))
    elif transform == "fori-loop":
        nnx.fori_loop(0, 1, f, w)
    elif transform == "scan":
        nnx.scan(f, in_axes=0, out_axes=0)(w)
    elif transform == "pmap":
        nnx.pmap(f)(w)
    else:
        nnx.jit(f)(w)


@law(
    "transform.cached", term=TRANSFORMATION, level=SHOULD, uses=("transform.jit", "containers", "mutation", "metadata")
)
def cached(nnx: Any, make: Any, transform: str, order: tuple[int, ...], gone: int) -> Claims:
    """A function made by jit, pmap or scan that is called again with the same structure and avals, on the same or on
    other instances, is not traced again; with others, or for another function, it is, also where that has the place in
    memory of a function that is gone.

    These are the transforms whose functions jax itself traces once. It traces under vmap, grad, shard_map and checkify
    at each call. remat is left free: jax keeps its trace, and with it the values that the function captured.
    """
    yield from kept_traces(nnx, make, transform, order, gone)


@law("cond.cached", term=TRANSFORMATION, level=SHOULD, uses=("transform.cond", "containers", "mutation", "metadata"))
def control_flow_cached(nnx: Any, make: Any, transform: str, order: tuple[int, ...], gone: int) -> Claims:
    """Repeated calls of cond, switch, while_loop and fori_loop with the same functions, structure and avals do not
    trace again; with others they do, also where a function has the place in memory of one that is gone.

    As with jit, whether a change of a captured value is seen by a later call with the same functions is left free.
    """
    yield from kept_traces(nnx, make, transform, order, gone)


CHANGES = ("set", "delete", "replace", "static", "list", "share", "deep")
"""Ways to change the structure of a node."""


@law(
    "jit.cached-partial",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("transform.cached-partial", "transform.jit", "containers", "mutation", "structural-mutation"),
)
def cached_partial(nnx: Any, make: Any, amounts: tuple[int, ...], change: str, temporary: bool) -> Claims:
    """A cached partial gives the result and the updates of the plain call, time and again, and sees what is written to
    the cached nodes between the calls; a call that leaves another structure of a cached node is refused with ValueError
    and changes nothing, while a change that is undone before the function returns is allowed.

    The cached nodes share their Variables with what is cached, and their structure is looked through once (docstring of
    `nnx.cached_partial`).
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.m, holder.v, holder.word = make(), nnx.Param(jnp.float32(1)), "a"
        holder.items, holder.inner = nnx.List([nnx.Param(jnp.float32(0))]), Holder()
        holder.inner.v = nnx.Param(jnp.float32(0))
        return holder

    def work(holder: Any, other: Any, x: Any) -> Any:
        if temporary:
            holder.passing = nnx.Param(x)
        holder.v[...] = holder.v[...] + x
        holder.inner.v[...] = holder.inner.v[...] + holder.v[...]
        other.v[...] = other.v[...] * 2
        if temporary:
            del holder.passing
        return holder.v[...] * x

    def restructure(holder: Any, x: Any) -> Any:
        holder.v[...] = holder.v[...] + x
        if change == "set":
            holder.more = nnx.Param(x)
        elif change == "delete":
            del holder.v
        elif change == "replace":
            holder.inner = Holder()
        elif change == "static":
            holder.word = "b"
        elif change == "list":
            holder.items.append(nnx.Param(x))
        elif change == "share":
            holder.inner.v = holder.v
        else:
            holder.inner.more = nnx.Param(x)
        return x

    traces: list[int] = []

    def counted(holder: Any, other: Any, x: Any) -> Any:
        traces.append(1)
        return work(holder, other, x)

    (holder, other), (expected, theirs) = (build(), build()), (build(), build())
    other.w, theirs.w = holder.v, expected.v  # what is cached and what is not share a Variable
    held = (holder, holder.inner, holder.v, holder.inner.v)
    partial = nnx.cached_partial(nnx.jit(counted), holder)
    for number, amount in enumerate(amounts):
        for one in (holder, expected):
            one.inner.v.set_value(jnp.float32(amount))
        x = jnp.float32(amount)
        yield Eq(partial(other, x), work(expected, theirs, x), f"result of call {number}")
        yield Eq((holder, other), (expected, theirs), f"the arguments after call {number}")
    yield Eq((holder, holder.inner, holder.v, holder.inner.v), held, "identities")
    yield Eq(len(traces), 1, "traces")
    wrong = nnx.cached_partial(nnx.jit(restructure), holder)
    yield Refused(ValueError, lambda: wrong(jnp.float32(1)), unchanged=(holder,), about=change)
    x = jnp.float32(2)
    yield Eq(partial(other, x), work(expected, theirs, x), "after a refusal")
    yield Eq((holder, other), (expected, theirs), "the arguments after a refusal")


LAWS: tuple[Law, ...] = (cached, control_flow_cached, cached_partial)
"""The laws of this module."""
