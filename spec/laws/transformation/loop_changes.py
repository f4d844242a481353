"""Laws of what the body of a loop may do to its nodes apart from new values: references, statics, identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...law import Law, law
from ...observation import observe
from ...terms import TRANSFORMATION
from .bodies import numbers

LOOPS = ("transform.structure", "transform.returned-inputs", "transform.scan", "transform.while", "transform.fori")
"""What the laws use that run one body under every loop and change what it is given."""


def looped(nnx: Any, loop: str, count: int, body: Callable[[Any], Any], node: Any) -> Any:
    """Runs `body(node)`, which returns the node, `count` times in one of the loops, or in Python's."""
    if loop == "scan":
        return nnx.scan(body, in_axes=nnx.Carry, out_axes=nnx.Carry, length=count)(node)
    if loop == "fori_loop":
        return nnx.fori_loop(0, count, lambda i, m: body(m), node)
    if loop == "while_loop":

        def step(value: Any) -> Any:
            return body(value[0]), value[1] + 1

        return nnx.while_loop(lambda value: value[1] < count, step, (node, jnp.int32(0)))[0]
    for _ in range(count):
        node = body(node)
    return node


def small_tree(nnx: Any, cls: Any, make: Any) -> Any:
    """A node with three Variables, two sub-Modules and a static counter beside a graph."""
    holder = cls()
    holder.left, holder.right = cls(), cls()
    holder.a, holder.b, holder.c = (nnx.Param(jnp.float32(k)) for k in range(3))
    holder.left.v, holder.right.v = nnx.Param(jnp.float32(5)), nnx.Param(jnp.float32(6))
    holder.n, holder.left.n = 0, 0
    holder.m = make()
    return holder


def parts(holder: Any) -> tuple[Any, ...]:
    """All that the caller holds of such a node."""
    return (holder, holder.a, holder.b, holder.c, holder.left, holder.right, holder.left.v, holder.right.v)


def rewire(nnx: Any, m: Any, how: str) -> None:
    """Changes references in such a node."""
    if how == "swap":
        m.a, m.b = m.b, m.a
    elif how == "rotate":
        m.a, m.b, m.c = m.b, m.c, m.a
    elif how == "nodes":
        m.left, m.right = m.right, m.left
    elif how == "across":
        m.a, m.left.v = m.left.v, m.a
    elif how == "alias":
        m.a = m.b
    elif how == "new":
        m.a = nnx.Param(m.a.get_value())
    elif how == "new node":
        old, m.left = m.left, type(m)()
        m.left.v = old.v
        if hasattr(old, "n"):
            m.left.n = old.n


@law(
    "loop.reference-changes",
    term=TRANSFORMATION,
    uses=(*LOOPS, "sharing", "mutation"),
)
def reference_changes(nnx: Any, make: Any, loop: str, how: str, count: int, writes: bool) -> Claims:
    """Reference changes made by a loop body (scan, fori_loop, while_loop), such as swapping Variables or sub-Modules of
    the carry, leave the outer objects as after the Python loop with the same number of iterations, compared with
    what the caller holds, or are refused with ValueError or TypeError.
    """

    Holder = module_class(nnx, "Holder")

    def body(m: Any) -> Any:
        rewire(nnx, m, how)
        if writes:
            m.a.set_value(m.a.get_value() * 2 + 1)
        return m

    def legal(m: Any) -> Any:
        m.b.set_value(m.b.get_value() + 1)
        return m

    m, eager = small_tree(nnx, Holder, make), small_tree(nnx, Holder, make)
    held, eager_held = parts(m), parts(eager)
    before = observe(nnx, held)
    looped(nnx, "python", count, body, eager)
    outcome = attempt(lambda: (looped(nnx, loop, count, body, m), m, held))
    right, refusals = (eager, eager, eager_held), (ValueError, TypeError)
    yield EqOrRefused(outcome, right, refusals, ((before, held),), f"{how} in {loop}")
    if outcome.error is not None:
        looped(nnx, loop, count, legal, m)
        yield Eq(held[2].get_value(), jnp.float32(1 + count), "the next, legal call")


@law(
    "loop.static-changes",
    term=TRANSFORMATION,
    uses=(*LOOPS, "mutation"),
)
def static_changes(nnx: Any, make: Any, loop: str, how: str, count: int) -> Claims:
    """Static changes made by a loop body leave the statics as after the Python loop with the same number of
    iterations, or are refused with TypeError or ValueError.
    """

    Holder = module_class(nnx, "Holder")

    def body(m: Any) -> Any:
        if how == "count":
            m.n = m.n + 1
        elif how == "deep":
            m.left.n = m.left.n + 1
        elif how == "set":
            m.n = 5
        elif how == "type":
            m.n = False
        elif how == "same":
            m.n = 0
        elif how == "new":
            m.name = "s"
        elif how == "delete":
            if hasattr(m, "n"):
                del m.n
        elif how == "toggle":
            m.n = 1 - m.n
        elif how == "there and back":
            m.n = 1
            m.n = 0
        m.a.set_value(m.a.get_value() + 1)
        return m

    m, eager = small_tree(nnx, Holder, make), small_tree(nnx, Holder, make)
    held = parts(m)
    before = observe(nnx, held)
    looped(nnx, "python", count, body, eager)
    outcome = attempt(lambda: (looped(nnx, loop, count, body, m), m))
    if how in ("same", "there and back"):
        yield Eq(outcome.category, None, "statics that are as they were are no change")
    yield EqOrRefused(outcome, (eager, eager), (TypeError, ValueError), ((before, held),), f"{how} in {loop}")
    if outcome.error is not None:
        looped(nnx, loop, count, lambda m: m, m)
        yield Eq(held, before, "the next, legal call")


def returned(nnx: Any, m: Any, how: str) -> Any:
    """What a body returns instead of its argument."""
    if how == "clone":
        return nnx.clone(m)
    if how == "child":
        return m.left
    if how == "other":
        other = type(m)()
        for name, value in nnx.attributes(m).items():
            setattr(other, name, value)
        return other
    return {"variable": m.a, "array": m.a.get_value(), "none": None, "wrapped": (m,)}[how]


@law(
    "loop.body-identity",
    term=TRANSFORMATION,
    uses=("transform.returned-inputs", "transform.while", "transform.fori", "clone", "mutation"),
    reason="It says of fori_loop what follows from fori.equals-loop: as in Python, or refused.",
)
def body_identity(nnx: Any, make: Any, loop: str, how: str, count: int) -> Claims:
    """A body of while_loop that returns an object other than its input is refused with ValueError, and one that changes
    the structure (a Variable added or taken away, another shape, dtype or type of Variable, a value of another
    structure returned) with TypeError or ValueError; nothing changes then. fori_loop refuses the same, or does as
    the Python loop.
    """

    Holder = module_class(nnx, "Holder")

    def body(m: Any) -> Any:
        if how == "add":
            m.new = nnx.Param(jnp.float32(0))
        elif how == "delete":
            if hasattr(m, "a"):
                del m.a
        elif how == "shape":
            m.a.set_value(jnp.zeros((2,), "float32"))
        elif how == "dtype":
            m.a.set_value(jnp.int32(1))
        elif how == "type":
            m.a = nnx.BatchStat(m.a.get_value())
        else:
            return returned(nnx, m, how)
        return m

    def legal(m: Any) -> Any:
        m.a.set_value(m.a.get_value() + 1)
        return m

    m = small_tree(nnx, Holder, make)
    held = parts(m)
    before = observe(nnx, held)
    if loop == "while_loop":
        refusals: Any = ValueError if how in ("clone", "child", "other") else (TypeError, ValueError)
        yield Refused(refusals, lambda: looped(nnx, loop, count, body, m), unchanged=(held,), about=f"{how} in {loop}")
    else:
        eager = small_tree(nnx, Holder, make)
        eager_held = parts(eager)
        outcome = attempt(lambda: (looped(nnx, loop, count, body, m), held))
        wanted = attempt(lambda: (looped(nnx, "python", count, body, eager), eager_held))
        right = wanted.value if wanted.error is None else "an error, as in Python"
        yield EqOrRefused(outcome, right, (TypeError, ValueError), ((before, held),), f"{how} in {loop}")
    if observe(nnx, held) == before:
        yield Eq(looped(nnx, loop, count, legal, m) is m, True, "the next, legal call gives the input back")
        yield Eq(held[1].get_value(), jnp.float32(count), "what it wrote")


def same_variables_stay(nnx: Any, make: Any, loop: str, how: str, count: int) -> Claims:
    """In tree mode a body that puts a new Variable into the carry is refused, and one that writes is not."""

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.a = nnx.Param(jnp.float32(1))
        holder.m = make()
        return holder

    def body(m: Any) -> Any:
        if how == "replace":
            m.a = nnx.Param(m.a.get_value() + 1)
        elif how == "copy":
            m.a = m.a.copy()
        else:
            return jax.tree.map(lambda x: x, m) if how == "tree.map" else nnx.clone(m)
        return m

    def legal(m: Any) -> Any:
        m.a.set_value(m.a.get_value() + 1)
        return m

    m, expected = build(), build()
    expected.a.set_value(jnp.float32(1 + count))
    with nnx.set_graph_mode(False):
        yield Refused(ValueError, lambda: looped(nnx, loop, count, body, m), unchanged=(m,), about=f"{how} in {loop}")
        came = looped(nnx, loop, count, legal, m)
    yield Eq(numbers(nnx, came), numbers(nnx, expected), "the next, legal call, values in the result")
    yield Eq(m, expected, "the next, legal call, the input")


@law(
    "loop.tree-variable-identity",
    term=TRANSFORMATION,
    uses=("transform.while", "transform.fori", "tree-mode", "clone", "mutation"),
    tags=("tree",),
)
def tree_variable_identity(nnx: Any, make: Any, loop: str, how: str, count: int) -> Claims:
    """In tree mode, a while_loop or fori_loop body that puts a new Variable into the carry is refused with ValueError,
    also where it replaces the whole node by a clone; one that writes to the Variables is not.
    """
    yield from same_variables_stay(nnx, make, loop, how, count)


LAWS: tuple[Law, ...] = (reference_changes, static_changes, body_identity, tree_variable_identity)
