"""Laws of `List`: histories of operations, compared with a Python list."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, EqOrRefused, attempt
from ...law import SHOULD, Law, law
from ...terms import MODULE


def elements(nnx: Any, kind: str, count: int) -> list[Any]:
    """Elements for a List: ``variable`` and ``array`` are data, ``int`` is static, ``module`` is a node."""
    if kind == "variable":
        return [nnx.Param(jnp.array(i)) for i in range(count)]
    if kind == "module":
        return [nnx.Module() for _ in range(count)]
    if kind == "array":
        return [jnp.array(i) for i in range(count)]
    return list(range(100, 100 + count))


def list_step(target: Any, operation: tuple[Any, ...], items: list[Any]) -> Any:
    """Does one operation of a history on a List or a Python list; what it gives is given as a Python value.

    Args:
        target: the List or list.
        operation: verb and small ints; elements are counted modulo the number of items.
        items: the elements that may be put in.
    """
    verb, a, b, c = operation
    item = items[(b or 0) % len(items)]
    several = [items[i % len(items)] for i in range(c or 0)]
    match verb:
        case "append":
            return target.append(item)
        case "insert":
            return target.insert(a, item)
        case "extend":
            return target.extend(several)
        case "set":
            target[a] = item
        case "get":
            return target[a]
        case "del":
            del target[a]
        case "pop":
            return target.pop(a)
        case "pop-last":
            return target.pop()
        case "remove":
            return target.remove(item)
        case "index":
            return target.index(item)
        case "count":
            return target.count(item)
        case "in":
            return item in target
        case "reverse":
            return target.reverse()
        case "clear":
            return target.clear()
        case "get-slice":
            return list(target[a:b:c])
        case "del-slice" | "del-slice-back":
            del target[a:b:c]
        case "set-slice":
            target[a:b] = several
    return None


@law(
    "module.list-model",
    term=MODULE,
    uses=("sharing", "containers", "structural-mutation", "graphdef", "state"),
    reason="Kinds of index and `==` have laws of their own, so that a defect there does not end the search here.",
)
def list_model(nnx: Any, kind: str, start: int, history: Any) -> Claims:
    """`List` behaves as a Python list: len, indexing with any int, slice read and delete, append, insert, pop, del,
    clear, reverse, `in`, iteration; out of range is refused with IndexError; slice assignment that changes the length
    behaves as on a list or is refused with ValueError; paths are ints in numeric order.

    After every operation the elements are the same objects in the same order, and in the end nothing tells the List
    from one that was made of its present elements: leaves, graphdef and state. Kinds of index and `==` have laws of
    their own."""
    items = elements(nnx, kind, 14)
    sut, model = nnx.List(items[:start]), items[:start]
    for operation in history:
        wanted = list(model)
        expected = attempt(partial(list_step, wanted, operation, items))
        outcome = attempt(partial(list_step, sut, operation, items))
        if operation[0] == "set-slice" and len(wanted) != len(model):
            yield EqOrRefused(outcome, expected.value, ValueError, about=f"{operation}")
            model = wanted if outcome.error is None else model
        else:
            yield Eq((items, outcome), (items, expected), f"{operation} on a List of {len(model)}")
            model = wanted
        yield Eq((items, len(sut), list(sut)), (items, len(model), model), f"elements after {operation}")
    row = nnx.List([0, 1, 2])
    row[::-1] = [5, 6, 7]
    yield Eq(list(row), [7, 6, 5], "a slice with a step is set")
    fresh = nnx.List(model)
    yield Eq((sut, items), (fresh, items), "as one made of the present elements")
    yield Eq(jax.tree.leaves(sut), jax.tree.leaves(fresh), "its leaves")
    yield Eq(nnx.graphdef(sut) == nnx.graphdef(fresh), True, "its graphdef")
    paths = [path[:1] for path, _ in nnx.to_flat_state(nnx.state(sut))]
    distinct = [i for i, x in enumerate(model) if kind == "array" or not any(x is y for y in model[:i])]
    yield Eq(paths, [(i,) for i in distinct] if kind in ("variable", "array") else [], "paths in numeric order")


@law(
    "module.list-index-kinds",
    term=MODULE,
    uses=("containers",),
    reason="A clause of `module.list-model`, as a law of its own.",
)
def list_index_kinds(nnx: Any, kind: str, size: int, at: int, holder: str) -> Claims:
    """Any integer indexes a `List` as it indexes a list, negative ones and those of numpy included; an index of another
    type is refused with TypeError.

    What counts as an integer is what Python says: whatever has `__index__`.
    """
    items = elements(nnx, kind, size)
    index: Any = at
    if holder in ("int8", "int64", "uint32"):
        index = np.dtype(holder).type(abs(at) if holder == "uint32" else at)
    elif holder == "jax":
        index = jnp.array(at)
    elif holder == "bool":
        index = bool(at)
    elif holder != "int":
        index = {"float": float(at), "str": str(at), "none": None, "tuple": (at,), "numpy-float": np.float32(at)}[
            holder
        ]
    for verb in ("get", "set", "del", "pop", "insert"):
        sut, model = nnx.List(items), list(items)
        operation = (verb, index, 0, 0)
        expected = attempt(partial(list_step, model, operation, [*items, 0]))
        outcome = attempt(partial(list_step, sut, operation, [*items, 0]))
        yield Eq((items, outcome), (items, expected), f"{verb} at a {holder}")
        yield Eq((items, list(sut)), (items, model), f"elements after {verb} at a {holder}")


@law(
    "module.list-equality",
    term=MODULE,
    uses=("containers",),
    reason="A clause of `module.list-model`, as a law of its own.",
)
def list_equality(nnx: Any, left: tuple[int, ...], right: tuple[int, ...]) -> Claims:
    """Lists are equal by `==` exactly if they have equal elements in the same order, as Python lists are."""
    yield Eq(nnx.List(left) == nnx.List(right), left == right, "==")
    yield Eq(nnx.List(left) != nnx.List(right), left != right, "!=")
    yield Eq(nnx.List(left) == nnx.List(left), True, "equal content")


def mixed_elements(nnx: Any) -> list[tuple[Any, str]]:
    """Elements of all kinds with their statuses; those that need it are to be annotated."""
    return [
        ("s", "static"),
        (nnx.Param(jnp.array(1)), "data"),
        (2, "static"),
        (jnp.array([3.0]), "data"),
        (None, "static"),
        (nnx.Module(), "data"),
        (5, "data"),
        (np.array([6]), "data"),
        ("t", "data"),
        (len, "static"),
    ]


def given(nnx: Any, element: tuple[Any, str], always: bool) -> Any:
    """An element as it is handed to a List: annotated if its type alone would not give its status."""
    value, status = element
    natural = "data" if nnx.is_data(value) else "static"
    if status == natural and not always:
        return value
    return nnx.data(value) if status == "data" else nnx.static(value)


def list_edit(target: Any, verb: str, at: int, element: Any) -> Any:
    """Does one operation on a List, or on the list that models it; what comes out is dropped: it has no status."""
    match verb:
        case "append":
            target.append(element)
        case "insert":
            target.insert(at, element)
        case "set":
            target[at] = element
        case "del":
            del target[at]
        case "pop":
            target.pop(at)
        case "pop-last":
            target.pop()
        case "del-slice":
            del target[at:]
        case "extend":
            target.extend([element, element])
        case "reverse":
            target.reverse()
        case "clear":
            target.clear()
        case "swap":
            target[0], target[-1] = target[-1], target[0]


def exchangeable(nnx: Any, model: list[tuple[Any, str]]) -> bool:
    """Whether the first and last element may be exchanged without annotations: both have one status, by their type."""
    if len(model) < 2 or model[0][1] != model[-1][1]:
        return False
    return all(nnx.is_data(model[i][0]) is (model[i][1] == "data") for i in (0, -1))


@law(
    "module.list-mixed-content",
    term=MODULE,
    uses=("sharing", "containers", "annotations", "value-leaves", "structural-mutation", "split", "merge"),
    reason="Replacing an element by an unannotated one of another status is left out: keeping the status of the place"
    " and taking that of the element are both defensible there.",
)
def list_mixed_content(nnx: Any, start: tuple[int, ...], history: Any) -> Claims:
    """A `List` may mix data and static elements, and every list operation moves or replaces each element together with
    its status.

    The oracle is a list of (value, status); the List in the end is one made of these elements at once, it splits and
    merges to it, and has no more leaves. Replacing an element is done with an annotated value.
    """
    pool = mixed_elements(nnx)
    values = [value for value, _ in pool]
    model = [pool[i % len(pool)] for i in start]
    sut = nnx.List([given(nnx, element, False) for element in model])
    for verb, at, what in history:
        element = pool[what % len(pool)]
        if verb == "swap" and not exchangeable(nnx, model):
            continue
        wanted = list(model)
        expected = attempt(partial(list_edit, wanted, verb, at, element))
        marked = given(nnx, element, verb == "set")
        outcome = attempt(partial(list_edit, sut, verb, at, marked))
        yield Eq(outcome, expected, f"{verb} at {at} on a List of {len(model)}")
        model = wanted
        yield Eq((values, list(sut)), (values, [value for value, _ in model]), f"elements after {verb} at {at}")
    fresh = nnx.List([given(nnx, element, True) for element in model])
    yield Eq((sut, values), (fresh, values), "elements with their statuses")
    yield Eq(jax.tree.leaves(sut), jax.tree.leaves(fresh), "its leaves")
    yield Eq(nnx.merge(*nnx.split(sut)), fresh, "split and merge")


@law(
    "module.list-append-pop",
    term=MODULE,
    level=SHOULD,
    uses=("sharing", "containers", "annotations", "graphdef", "value-leaves"),
)
def list_append_pop(nnx: Any, start: tuple[int, ...], more: tuple[int, ...], other: tuple[int, ...]) -> Claims:
    """Append followed by pop restores an equal graphdef, and an empty `List` round-trips."""
    pool = mixed_elements(nnx)
    sut, fresh = (nnx.List([given(nnx, pool[i % len(pool)], True) for i in start]) for _ in range(2))
    before = nnx.graphdef(sut)
    for batch in (more, other):
        for i in batch:
            sut.append(given(nnx, pool[i % len(pool)], True))
        for i in reversed(batch):
            yield Eq(sut.pop() is pool[i % len(pool)][0], True, "what was appended is popped")
        yield Eq(nnx.graphdef(sut) == before, True, "the graphdef after append and pop")
        yield Eq(hash(nnx.graphdef(sut)) == hash(before), True, "its hash")
        yield Eq(sut, fresh, "the List after append and pop")
    yield Eq(nnx.merge(*nnx.split(nnx.List([]))), nnx.List([]), "an empty List round-trips")


LAWS: tuple[Law, ...] = (list_model, list_index_kinds, list_equality, list_mixed_content, list_append_pop)
