"""A law of changes that are made in Python to the arguments of a compiled function, between its calls."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...classes import module_class
from ...law import Law, law
from ...observation import walk
from ...terms import TRANSFORMATION
from .bodies import numbers
from .loop_changes import parts, rewire, small_tree

WRITES = ("nothing", "values", "static", "node")
"""What the function does to its argument."""


def put(nnx: Any, m: Any, name: str, value: Any, kind: str) -> None:
    """Sets an attribute as ``data`` or ``static``, annotated where that can be had."""
    setattr(m, name, getattr(nnx, kind)(value) if nnx.offers("annotations") else value)


def rich_tree(nnx: Any, cls: Any, make: Any) -> Any:
    """A `small_tree` with all else that a backend offers: metadata, containers, a raw array, statics of many kinds."""
    m = small_tree(nnx, cls, make)
    put(nnx, m, "word", ("w", 4), "static")
    if nnx.offers("annotations") and nnx.offers("value-leaves"):
        m.right.hole = nnx.static(None)
    if nnx.offers("metadata"):
        m.b.set_metadata(role="b", sizes=(4, 5))
    if nnx.offers("containers"):
        m.items = nnx.List([nnx.Param(jnp.float32(7)), nnx.Param(jnp.float32(8))])
        m.table = nnx.Dict(x=nnx.Param(jnp.float32(9)), scale=2)
    if nnx.offers("raw-arrays"):
        put(nnx, m, "array", jnp.arange(3.0), "data")
    if nnx.offers("plain-containers"):
        put(nnx, m, "plain", [nnx.Param(jnp.float32(10)), nnx.Param(jnp.float32(11))], "data")
    return m


def without(m: Any, name: str) -> None:
    """Deletes an attribute that may be there."""
    if hasattr(m, name):
        delattr(m, name)


def shorten(items: Any) -> None:
    """Drops the last element, if there is one."""
    if len(items):
        items.pop()


def first(items: Any, element: Any) -> None:
    """Puts an element in the place of the first one; without one, at the end."""
    if len(items):
        items[0] = element
    else:
        items.append(element)


def new(nnx: Any, k: int) -> Any:
    """A new Variable."""
    return nnx.Param(jnp.float32(k))


METADATA, CONTAINERS, PLAIN, ARRAYS = ("metadata",), ("containers",), ("plain-containers",), ("raw-arrays",)

CHANGES: dict[str, tuple[tuple[str, ...], Callable[[Any, Any, int], Any]]] = {
    "nothing": ((), lambda nnx, m, k: None),
    "value": ((), lambda nnx, m, k: m.a.set_value(jnp.float32(k))),
    "shape": (("mutation.any-value",), lambda nnx, m, k: m.a.set_value(jnp.full((k + 1,), 2.0))),
    "dtype": (("mutation.any-value",), lambda nnx, m, k: m.b.set_value(jnp.int32(k))),
    "tree": (
        ("mutation.any-value", "pytree-values"),
        lambda nnx, m, k: m.left.v.set_value({str(i): jnp.float32(i) for i in range(k)}),
    ),
    "static": ((), lambda nnx, m, k: setattr(m, "n", m.n + 1)),
    "static of a part": ((), lambda nnx, m, k: setattr(m.left, "n", k)),
    "word": ((), lambda nnx, m, k: put(nnx, m, "word", ("w", k), "static")),
    "status": (
        ("annotations", "value-leaves"),
        lambda nnx, m, k: put(nnx, m.right, "hole", None, "static" if k else "data"),
    ),
    "set": ((), lambda nnx, m, k: setattr(m, "more", new(nnx, k))),
    "delete": ((), lambda nnx, m, k: without(m, "more")),
    "delete a part": ((), lambda nnx, m, k: without(m.right, "n")),
    "set in a part": ((), lambda nnx, m, k: setattr(m.right, "more", new(nnx, k))),
    "kind": (("variable-types",), lambda nnx, m, k: setattr(m, "c", nnx.BatchStat(jnp.float32(2)))),
    "metadata": (METADATA, lambda nnx, m, k: m.a.set_metadata(role="abc"[k])),
    "metadata gone": (("metadata.names",), lambda nnx, m, k: m.b.del_metadata("role") if role(nnx, m.b) else None),
    "more metadata": (METADATA, lambda nnx, m, k: m.b.set_metadata(sizes=(4, k))),
    "append": (CONTAINERS, lambda nnx, m, k: m.items.append(new(nnx, k))),
    "pop": (CONTAINERS, lambda nnx, m, k: shorten(m.items)),
    "element": (CONTAINERS, lambda nnx, m, k: first(m.items, new(nnx, k))),
    "item": (CONTAINERS, lambda nnx, m, k: m.table.__setitem__("xyz"[k], new(nnx, k))),
    "item's static": (CONTAINERS, lambda nnx, m, k: m.table.__setitem__("scale", k)),
    "array": (ARRAYS, lambda nnx, m, k: put(nnx, m, "array", jnp.full((3,), float(k)), "data")),
    "array's shape": (ARRAYS, lambda nnx, m, k: put(nnx, m, "array", jnp.ones((k,)), "data")),
    "plain element": (PLAIN, lambda nnx, m, k: first(m.plain, new(nnx, k))),
    "plain array": ((*PLAIN, *ARRAYS), lambda nnx, m, k: first(m.plain, jnp.float32(k))),
    "plain append": (PLAIN, lambda nnx, m, k: m.plain.append(new(nnx, k))),
    "plain pop": (PLAIN, lambda nnx, m, k: shorten(m.plain)),
    "plain shared": ((*PLAIN, "sharing"), lambda nnx, m, k: m.plain.append(m.a)),
}
"""Changes of a `rich_tree` by name: the capabilities that each needs, and what it does, with a number from 0 to 2."""
REWIRED = ("swap", "rotate", "nodes", "across", "alias", "new", "new node")
"""Further changes, those of `rewire`."""


def role(nnx: Any, variable: Any) -> bool:
    """Whether a Variable has the metadata of that name."""
    return "role" in nnx.metadata(variable)


def change(nnx: Any, m: Any, name: str, k: int) -> None:
    """Makes a change, if the backend offers what it needs."""
    if name in REWIRED:
        if name != "alias" or nnx.offers("sharing"):
            rewire(nnx, m, name)
        return
    needed, make = CHANGES[name]
    if all(map(nnx.offers, needed)):
        make(nnx, m, k)


def seen(nnx: Any, m: Any) -> tuple[int, list[Any]]:
    """What a function sees of a node: a number for structure, sharing, statics and metadata; and the arrays.

    The graph ``m.m`` is left out: it may hold what has no text that is the same twice.
    """
    text: list[Any] = []
    arrays: list[Any] = []
    places: dict[int, int] = {}
    for visit in walk(nnx, m):
        if visit.path[:1] == ("m",):
            continue
        place = places.setdefault(id(visit.value), len(places)) if visit.kind in ("variable", "node") else -1
        told = repr(visit.value) if visit.kind == "static" else type(visit.value).__name__ if place >= 0 else ""
        text.append((visit.kind, visit.path, place, told))
        if visit.kind == "variable" and not visit.again:
            if nnx.offers("metadata"):
                text.append(sorted(nnx.metadata(visit.value).items()))
            arrays += jax.tree.leaves(visit.value.get_value())
        elif visit.kind == "leaf":
            arrays.append(visit.value)
    return zlib.crc32(repr(text).encode()), arrays


@law(
    "jit.sees-changes",
    term=TRANSFORMATION,
    uses=("transform.structure", "transform.jit", "mutation", "structural-mutation"),
)
def sees_changes(nnx: Any, make: Any, history: Any, writes: str, keep: bool) -> Claims:
    """A compiled function that is called again with the same objects sees what was done to them in Python since the
    last call: each call gives, and leaves in its argument, what the eager function does with an equal graph that has
    the same history.

    Changes are those of values, shapes and dtypes, attributes, elements, statics, metadata, references, raw arrays, and
    plain containers held as data. Statics and metadata are replaced: that one is changed in place is left out, since
    jax takes them for constants (docstring of `jax.jit`) and finds a trace by a hash that it no longer has.
    """

    Holder = module_class(nnx, "Holder")

    def work(m: Any, x: Any) -> Any:
        found, arrays = seen(nnx, m)
        out = jnp.uint32(found), [jnp.asarray(array) * 2 for array in arrays], x
        if writes == "values":
            for variable in numbers(nnx, m):
                value = variable.get_value()
                variable.set_value(value + x.astype(value.dtype))
        elif writes == "static":
            m.found = len(arrays)
        elif writes == "node":
            m.made = Holder()
            m.made.v = nnx.Param(x)
        return out

    compiled = nnx.jit(work)
    m, expected = rich_tree(nnx, Holder, make), rich_tree(nnx, Holder, make)
    kept: list[Any] = []
    for number, (name, k) in enumerate((("nothing", 0), *history)):
        if keep:
            kept.append((parts(m), dict(vars(m))))  # so that nothing new takes the place of what goes
        change(nnx, m, name, k)
        change(nnx, expected, name, k)
        x = jnp.float32(number)
        yield Eq(compiled(m, x), work(expected, x), f"the result of call {number}, after {name}")
        yield Eq(m, expected, f"the argument after call {number}, after {name}")


LAWS: tuple[Law, ...] = (sees_changes,)
"""The laws of this module."""
