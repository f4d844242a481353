"""Laws of `while_loop` and `fori_loop`: they are Python's loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...layers import PROPAGATED, objects
from ...observation import observe
from ...terms import TRANSFORMATION
from .bodies import within


def wrapped(form: str, node: Any, n: Any) -> Any:
    """A loop's value that holds a node and a counter: a dict, a tuple, or nested containers."""
    if form == "dict":
        return {"m": node, "n": n}
    return (node, n) if form == "tuple" else {"m": [node], "n": (n,)}


def unwrapped(form: str, value: Any) -> tuple[Any, Any]:
    """Node and counter of a loop's value."""
    if form == "nested":
        return value["m"][0], value["n"][0]
    return value if form == "tuple" else (value["m"], value["n"])


def python_while(condition: Callable[[Any], Any], body: Callable[[Any], Any], value: Any) -> Any:
    """The loop in Python."""
    while condition(value):
        value = body(value)
    return value


def python_for(bounds: tuple[int, int], body: Callable[[Any, Any], Any], value: Any) -> Any:
    """The loop in Python; the index is an array of the dtype that jax gives it."""
    for i in range(*bounds):
        value = body(jnp.int32(i), value)
    return value


def as_loop(nnx: Any, p: Any, how: str, run: Any, python: Any, extra: tuple[Any, ...] = ()) -> Claims:
    """The claim that `run` does with a program's arguments what `python` does with equal ones built afresh.

    A loop may refuse changes of structure, statics and metadata; and it refuses what cannot run, as Python does.
    """
    args, eager_args = p.make(), p.make()
    held, eager_held = objects(nnx, args), objects(nnx, eager_args)
    once = attempt(lambda: p.body(jnp.int32(0), *p.make()))  # a body that cannot run is refused in no iteration too
    expected = attempt(lambda: python(eager_args))
    if once.error is not None or expected.error is not None:
        yield Refused(Exception, lambda: within(nnx, how, run, args, *extra), about="refused, as eagerly")
        return
    came = attempt(lambda: (within(nnx, how, run, args, *extra), args, held))
    if came.error is not None and p.effects <= PROPAGATED:
        raise came.error
    wanted = (expected.value, eager_args, eager_held)
    yield EqOrRefused(came, wanted, (ValueError, TypeError), about="result, arguments, and what was held before")


@law("while.equals-loop", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.while", "transform.jit"))
def while_equals_loop(nnx: Any, p: Any, limit: int, form: str, how: str) -> Claims:
    """while_loop equals the Python loop on an equal graph built afresh, in its result and in the whole graph
    afterwards, and the nodes in the result are the input's own, updated.

    Changes of structure, statics and metadata may be refused: a loop keeps those of its state.
    """

    def condition(value: Any) -> Any:
        return unwrapped(form, value)[1] < limit

    def body(value: Any) -> Any:
        args, n = unwrapped(form, value)
        p.body(n, *args)
        return wrapped(form, args, n + 1)

    def run(args: Any) -> Any:
        return nnx.while_loop(condition, body, wrapped(form, args, jnp.int32(0)))

    def python(args: Any) -> Any:
        return python_while(condition, body, wrapped(form, args, jnp.int32(0)))

    yield from as_loop(nnx, p, how, run, python)


@law(
    "while.condition-effects",
    term=TRANSFORMATION,
    uses=(
        "transform.returned-inputs",
        "transform.while",
        "mutation",
    ),
)
def while_condition_effects(nnx: Any, make: Any, effect: str, limit: int) -> Claims:
    """Changes made inside the condition of a while_loop are not visible outside, nor in the body or the next
    evaluation of the condition: they are discarded or refused.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.m = make()
        holder.n = nnx.Variable(jnp.int32(0))
        holder.spare = nnx.Param(jnp.float32(1))
        holder.rngs = nnx.Rngs(0)
        holder.mode = 0
        return holder

    def condition(holder: Any) -> Any:
        if effect == "value":
            holder.n.set_value(holder.n.get_value() + 1)
            return holder.n.get_value() <= limit
        if effect == "index":
            holder.spare[...] = 7
        elif effect == "metadata":
            holder.spare.set_metadata("note", 1)
        elif effect == "static":
            holder.mode = 1
        elif effect == "add":
            holder.new = nnx.Param(jnp.float32(0))
        elif effect == "delete":
            del holder.spare
        elif effect == "replace":
            holder.spare = nnx.Param(jnp.float32(3))
        elif effect == "draw":
            holder.rngs()
        return holder.n.get_value() < limit

    def body(holder: Any) -> Any:
        holder.n.set_value(holder.n.get_value() + 1)
        return holder

    m, expected = build(), build()
    expected.n.set_value(jnp.int32(limit))
    before = observe(nnx, m)
    refusals = (ValueError, TypeError, "TraceContextError")
    outcome = attempt(lambda: nnx.while_loop(condition, body, m))
    yield EqOrRefused(outcome, expected, refusals, ((before, m),), "the result")
    if outcome.error is None:
        yield Eq((outcome.value, m), (expected, expected), "the input")
    m = build()
    nnx.while_loop(lambda holder: holder.n.get_value() < limit, body, m)
    yield Eq(m, expected, "a condition that changes nothing")


@law("fori.equals-loop", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.fori", "transform.jit"))
def fori_equals_loop(nnx: Any, p: Any, bounds: Any, traced: bool, form: str, how: str) -> Claims:
    """fori_loop equals the Python loop over the index on an equal graph built afresh, for any bounds, negative and
    empty ranges included, given as ints or as arrays; the nodes in the result are the input's own, updated.

    Changes of structure, statics and metadata may be refused: a loop keeps those of its state.
    """

    def body(i: Any, value: Any) -> Any:
        args, n = unwrapped(form, value)
        p.body(i, *args)
        return wrapped(form, args, n + 2 * i)

    def run(args: Any, lower: Any, upper: Any) -> Any:
        limits = (lower, upper) if traced else bounds
        return nnx.fori_loop(*limits, body, wrapped(form, args, jnp.int32(0)))

    def python(args: Any) -> Any:
        return python_for(bounds, body, wrapped(form, args, jnp.int32(0)))

    yield from as_loop(nnx, p, how, run, python, (jnp.int32(bounds[0]), jnp.int32(bounds[1])))


@law(
    "loop.reverse-mode-while", term=TRANSFORMATION, level=SHOULD, uses=("transform.while", "transform.grad", "mutation")
)
def reverse_mode_while(nnx: Any, make: Any, limit: int, depth: int) -> Claims:
    """Reverse-mode differentiation through while_loop is refused with ValueError, as in jax, and changes nothing; a
    while_loop that does not touch what is differentiated does not hinder it.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.m = make()
        holder.gain = nnx.Param(jnp.float32(3))
        holder.n = nnx.BatchStat(jnp.int32(0))
        return holder

    def body(value: Any) -> Any:
        holder, x = value
        holder.n.set_value(holder.n.get_value() + 1)
        return holder, x * holder.gain.get_value()

    def loss(holder: Any) -> Any:
        return nnx.while_loop(lambda value: value[0].n.get_value() < limit, body, (holder, jnp.float32(1)))[1]

    def nested(holder: Any) -> Any:
        return nnx.jit(loss)(holder) if depth else loss(holder)

    def legal(holder: Any, w: Any) -> Any:
        nnx.while_loop(lambda v: v.get_value() < limit, lambda v: (v.set_value(v.get_value() + 1), v)[1], holder.n)
        return w * w

    m = build()
    diff = nnx.DiffState(0, nnx.PathContains("gain"))
    yield Refused(ValueError, lambda: nnx.grad(nested, argnums=diff)(m), unchanged=(m,), about="grad of while_loop")
    yield Eq(nnx.grad(legal, argnums=1)(m, jnp.float32(3)), jnp.float32(6), "the next, legal call")
    expected = build()
    expected.n.set_value(jnp.int32(limit))
    yield Eq(m, expected, "its update")


LAWS: tuple[Law, ...] = (while_equals_loop, while_condition_effects, fori_equals_loop, reverse_mode_while)
