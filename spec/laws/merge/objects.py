"""Laws of the object that merge makes: fresh copies, graph states, calls, no constructor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...classes import module_class
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import leaves, nodes, observe
from ...terms import MERGE


def overwrite(nnx: Any, m: Any, value: Any) -> None:
    """Writes to every Variable of a graph: in place where the value is a numpy array, and then as a whole."""
    for leaf in leaves(nnx, m).values():
        if isinstance(leaf, nnx.Variable):
            held = leaf.get_value()
            if isinstance(held, np.ndarray):
                leaf[...] = held + held.dtype.type(1)
            leaf.set_value(value)


@law("merge.copy", term=MERGE, level=SHOULD, uses=("merge.copies", "split", "merge", "mutation"))
def copy(nnx: Any, make: Any, value: Any) -> Claims:
    """With copy=True the result has fresh Variables, shares them internally as recorded and none with the source;
    immutable raw arrays may be shared.
    """
    m = make()
    graphdef, s = nnx.split(m)
    before = observe(nnx, (m, s))
    merged = nnx.merge(graphdef, s, copy=True)
    yield Eq(merged, make(), "isomorphic to the source")
    ours = [
        x
        for x in (*leaves(nnx, merged).values(), *nodes(nnx, merged).values())
        if not isinstance(x, jax.Array | np.ndarray)
    ]
    theirs = {
        id(x): x
        for x in (*leaves(nnx, m).values(), *nodes(nnx, m).values())
        if isinstance(x, nnx.Variable | nnx.Module)
    }
    yield Eq([x for x in ours if id(x) in theirs], [], "nothing with identity in common")
    overwrite(nnx, merged, value)
    yield Eq((m, s), before, "writing to the result leaves the source")
    again = nnx.merge(graphdef, s, copy=True)
    overwrite(nnx, m, value)
    yield Eq(again, make(), "writing to the source leaves the result")


@law("merge.graph-state", term=MERGE, level=SHOULD, uses=("unpack", "merge"))
def graph_state(nnx: Any, make: Any, filters: Any) -> Claims:
    """merge(*unpack(m, *fs)) is isomorphic to m, an unpacked state is the mapping that the State is, jax.tree.map over
    it keeps its graphdef, and states with different graphdefs are refused with ValueError.
    """
    m = make()
    came = nnx.unpack(m, *filters)
    parts = came if isinstance(came, tuple) else (came,)
    yield Eq(len(parts), max(1, len(filters)), "one part per filter")
    for part, state in zip(parts, nnx.split(m, *filters)[1:], strict=True):
        yield Eq((set(part), len(part)), (set(state), len(state)), "the keys of a part")
        yield Eq(({key: part[key] for key in state}, m), ({key: state[key] for key in state}, m), "the items of a part")
        yield Eq([key in part for key in (*state, "missing")], [True] * len(state) + [False], "in a part")
        part["fresh"] = 1
        yield Eq((part["fresh"], "fresh" in part), (1, True), "an item added to a part")
        del part["fresh"]
        yield Eq((set(part), "fresh" in part), (set(state), False), "an item deleted from a part")
    yield Eq(nnx.merge(*parts), make(), "merged")
    mapped = [jax.tree.map(lambda value: value, part) for part in parts]
    yield Eq(nnx.merge(*mapped), make(), "merged after jax.tree.map")
    yield Eq(nnx.merge(*reversed(mapped)), make(), "merged in another order")

    holder, another = module_class(nnx, "Other")(), module_class(nnx, "Renamed")()
    holder.inner, another.other = make(), make()
    other = nnx.unpack(holder, nnx.Param, ...)
    mine = nnx.unpack(m, nnx.Param, ...)
    renamed = nnx.unpack(another, nnx.Param, ...)
    yield Refused(ValueError, lambda: nnx.merge(renamed[0], other[1]), about="parts of graphs with other names")
    yield Refused(ValueError, lambda: nnx.merge(mine[0], other[1]), (m,), "parts of two graphs")
    yield Refused(ValueError, lambda: nnx.merge(*mine, *other), (m,), "all parts of two graphs")


@law("merge.graph-state-equality", term=MERGE, level=SHOULD, uses=("unpack", "mutation"))
def graph_state_equality(nnx: Any, make: Any, filters: Any, value: Any) -> Claims:
    """Unpacked states are equal if and only if the graphs that they come from have the same structure and the states
    equal leaves; the comparison returns a bool, and hashing one is refused with TypeError.

    That is the equality of States (`state.equality`) and of GraphDefs together.
    """

    one, same, other, changed = (module_class(nnx, name)() for name in ("Holder", "Holder", "Other", "Holder"))
    for holder in (one, same, other, changed):
        holder.inner, holder.w = make(), nnx.Param(jnp.ones(2))
    changed.w.set_value(value)
    found = [nnx.unpack(m, *filters) for m in (one, same, other, changed)]
    rows = [parts if isinstance(parts, tuple) else (parts,) for parts in found]
    told = observe(nnx, jnp.ones(2)) != observe(nnx, value)
    for mine, twin, foreign, edited in zip(*rows, strict=True):
        yield Eq(attempt(lambda a=mine: a == a), Outcome(True), "with itself")  # type: ignore[misc]  # bound now
        yield Eq(attempt(lambda a=mine, b=twin: a == b), Outcome(True), "with an equal one")  # type: ignore[misc]  # bound now
        yield Eq(attempt(lambda a=mine, b=foreign: a == b), Outcome(False), "of another structure")  # type: ignore[misc]  # bound now
        differs = told and ("w",) in flat(edited)
        yield Eq(attempt(lambda a=mine, b=edited: a == b), Outcome(not differs), "another leaf")  # type: ignore[misc]  # bound now
        yield Refused(TypeError, partial(hash, mine), about="hash")


@law("merge.call", term=MERGE, uses=("split", "merge", "call", "mutation"))
def call(nnx: Any, make: Any, number: Any) -> Claims:
    """call((gd, state)) and GraphDef.apply equal merge, method call and split in sequence."""

    class Counter(nnx.Module):  # type: ignore[misc]  # the class is the backend's
        def __init__(self) -> None:
            self.count = nnx.Variable(jnp.asarray(0))
            self.steps = 0

        def add(self, x: Any, *, times: int = 1) -> Any:
            self.count[...] += x * times
            self.steps += 1
            self.last = nnx.Param(jnp.asarray(x))
            return self.count.get_value() + 1

        __call__ = add

    class Holder(nnx.Module):  # type: ignore[misc]  # the class is the backend's
        def __init__(self) -> None:
            self.counter = Counter()
            self.inner = make()

        def both(self, x: Any) -> Any:
            self.inner = nnx.Param(jnp.asarray(7))
            return self.counter(x), self.counter.add(x, times=2)

    ways: tuple[tuple[str, Callable[[Any], Any], Callable[[Any], Any]], ...] = (
        ("a method", lambda target: target.both(number), lambda m: m.both(number)),
        ("a submodule", lambda target: target.counter(number), lambda m: m.counter(number)),
        ("a keyword", lambda target: target.counter.add(number, times=3), lambda m: m.counter.add(number, times=3)),
    )
    for name, on_target, on_module in ways:
        m = nnx.merge(*nnx.split(Holder()))
        expected = (on_module(m), nnx.split(m))
        direct = Holder()
        result = on_module(direct)
        graphdef, s = nnx.split(Holder())
        out, (after, t) = on_target(nnx.call((graphdef, s)))
        yield Eq((out, (after, t)), expected, f"call, {name}")
        yield Eq((out, nnx.merge(after, t)), (result, direct), f"call against the eager run, {name}")
        graphdef, s = nnx.split(Holder())
        out, (after, t) = on_target(graphdef.apply(s))
        yield Eq((out, (after, t)), expected, f"apply, {name}")
        graphdef, some, rest = nnx.split(Holder(), nnx.Param, ...)
        yield Eq(on_target(graphdef.apply(some, rest)), expected, f"apply to two states, {name}")
    yield Refused(ValueError, lambda: graphdef.apply(some, rest, rest).both(number), about="apply to a state twice")


@law("merge.no-constructor", term=MERGE, level=SHOULD, uses=("split", "merge"))
def no_constructor(nnx: Any, make: Any, filters: Any) -> Claims:
    """Merge does not call __init__."""
    made: list[int] = []

    class Once(nnx.Module):  # type: ignore[misc]  # the class is the backend's
        def __init__(self, inner: Any) -> None:
            made.append(1)
            self.inner = inner
            self.kind = "once"

    m = Once(make())
    merged = nnx.merge(*nnx.split(m, *filters))
    yield Eq(len(made), 1, "constructed once")
    yield Eq(merged, Once(make()), "complete all the same")


LAWS: tuple[Law, ...] = (copy, graph_state, graph_state_equality, call, no_constructor)
