"""Laws of data and static: what becomes of an attribute, and what `jax.tree` sees of a Module."""

from __future__ import annotations

import functools
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import jax_key
from ...terms import MODULE
from .seeing import data_item, flat, holds_array, is_array, is_child, nest


@law("module.data-or-static", term=MODULE, uses=("annotations", "Module"))
def data_or_static(nnx: Any, kind: str, value: Any) -> Claims:
    """On first assignment an attribute becomes data if the value is a jax or numpy array, a reference, a Variable, a
    graph node or of a registered data type, and static otherwise; `is_data` tells the same.

    Static are str, int, None, numpy scalars, abstract arrays, and lists, dicts and tuples of statics.
    Source: the NNX page on Modules as pytrees. Whether subclasses of a registered type are data is left free.
    """

    class Registered:
        pass

    Block = module_class(nnx, "Block")

    thing, data = value, is_array(value)
    if kind == "variable":
        thing, data = nnx.Param(value), True
    elif kind == "module":
        thing, data = Block(), True
    elif kind == "list":
        thing, data = nnx.List([]), True
    elif kind == "dict":
        thing, data = nnx.Dict({"k": nnx.Param(value)}), True
    elif kind == "rngs":
        thing, data = nnx.Rngs(0), True
    elif kind == "registered" and nnx.offers("register_data_type"):
        yield Eq(nnx.register_data_type(Registered) is Registered, True, "registering gives the class")
        thing, data = Registered(), True
    elif kind == "unregistered":
        thing, data = Registered(), False
    elif kind == "reference":
        thing, data = jax.new_ref(jnp.zeros(2)), True
    elif kind == "numpy-scalar":
        thing, data = np.float32(1), False
    elif holds_array(value) and not data:
        thing = None
    m = Block()
    m.a = thing
    yield Eq(nnx.is_data(thing), data, "is_data")
    yield Eq(is_child(m, "a"), data, "assigned")
    yield Eq(is_child(built_class(nnx)(thing), "a"), data, "assigned in the constructor")


@functools.cache
def built_class(nnx: Any) -> Any:
    """A class whose constructor assigns an attribute."""

    class Built(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, a: Any) -> None:
            self.a = a

    return Built


@functools.cache
def constant_class(nnx: Any) -> Any:
    """A class with an attribute of its own."""

    class Block(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        constant = np.ones(2)

    return Block


@functools.cache
def updated_class(nnx: Any) -> Any:
    """A class whose constructor does not assign."""

    class Block(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, entries: Any = ()) -> None:
            self.__dict__.update(entries)

    return Block


@functools.cache
def non_pytree_classes(nnx: Any) -> tuple[Any, ...]:
    """Classes declared as non-pytrees, in both ways."""

    class Opaque(nnx.Object):  # type: ignore[misc]  # a backend's class is known at run time only
        pass

    class Closed(nnx.Module, pytree=False):  # type: ignore[misc,call-arg]  # a backend's class is known at run time only
        pass

    return Opaque, Closed


@law("module.explicit-status", term=MODULE, uses=("annotations", "state", "value-leaves"))
def explicit_status(nnx: Any, value: Any) -> Claims:
    """`data(v)` and `static(v)` force the status, the stored attribute is `v` itself, and the content of `data(v)` is
    part of the state whatever its type."""

    Block = module_class(nnx, "Block")

    m = Block()
    m.a = nnx.data(value)
    yield Eq(m.a is value, True, "data(v) stores v itself")
    yield Eq(is_child(m, "a"), True, "data(v) is data")
    yield Eq(flat(nnx, m), leaves(nnx, m), "the content of data(v) is state")
    if not holds_array(value):
        m = Block()
        m.a = nnx.static(value)
        yield Eq(m.a is value, True, "static(v) stores v itself")
        yield Eq(is_child(m, "a"), False, "static(v) is static")
        yield Eq(flat(nnx, m), {}, "static(v) is no state")


@law("module.pytree-leaves", term=MODULE, uses=("annotations", "value-leaves"))
def pytree_leaves(nnx: Any, assigned: Any, order: tuple[int, ...], other: Any) -> Claims:
    """The `jax.tree` leaves of a Module are its data leaves in sorted attribute order, statics are in the treedef, the
    treedef does not depend on the order of assignment, underscore attributes are ordinary and class attributes are
    never state."""
    names = [name for name, _, _ in assigned]
    values = [value for _, value, _ in assigned]
    marked = [mark for _, _, mark in assigned]
    positions = sorted(range(len(names)), key=lambda i: order[i])

    Block = constant_class(nnx)

    def build(places: Any, replaced: str | None) -> Any:
        m = Block()
        for i in places:
            data = marked[i] or holds_array(values[i])
            value = other if names[i] == replaced else values[i]
            setattr(m, names[i], nnx.data(value) if data else nnx.static(value))
        return m

    m = build(range(len(names)), None)
    statics = [n for i, n in enumerate(names) if not (marked[i] or holds_array(values[i]))]
    data = {n: values[i] for i, n in enumerate(names) if n not in statics}
    expected = [leaf for n in sorted(data) for leaf in jax.tree.leaves(data[n])]
    yield Eq(jax.tree.leaves(m), expected, "leaves in sorted order")
    shuffled = build(positions, None)
    yield Eq(jax.tree.leaves(shuffled), expected, "leaves after another order of assignment")
    treedef: Any = jax.tree.structure(m)
    yield Eq(jax.tree.structure(shuffled) == treedef, True, "treedef after another order of assignment")
    for name in statics[:1]:
        value = values[names.index(name)]
        # Whether 1 and True or two NaN are one static is a question of graphdef.static-type-aware.
        if observe(nnx, value) != observe(nnx, other) and value != other:
            yield Eq(jax.tree.structure(build(positions, name)) == treedef, False, "another static, another treedef")
    yield Eq(jax.tree.map(lambda x: x, m), m, "jax.tree.map with the identity")
    found, with_paths = jax.tree_util.tree_flatten_with_path(m)
    keyed = [(n, leaf) for n in sorted(data) for leaf in jax.tree.leaves(data[n])]
    yield Eq([(jax_key(path[0]), leaf) for path, leaf in found], keyed, "leaves with paths")
    yield Eq(with_paths == treedef, True, "treedef with paths")
    if nnx.offers("List"):
        row = nnx.List([np.ones(1), np.zeros(1)])
        came = [jax_key(path[0]) for path, _ in jax.tree_util.tree_flatten_with_path(row)[0]]
        yield Eq(came, [0, 1], "the paths of a List")


@law("module.status-sticky", term=MODULE, uses=("annotations", "structural-mutation", "value-leaves"))
def status_sticky(nnx: Any, history: Any) -> Claims:
    """Re-assignment keeps the status chosen first, an explicit annotation overrides it and deletion of the attribute
    resets it.

    The model is a dict from name to status; what it refuses is refused with ValueError and changes nothing. In the end
    the Module is the same as one that was given its present attributes at once.
    """

    Block = module_class(nnx, "Block")

    pool = sticky_pool(nnx)
    m = Block()
    model: dict[str, tuple[str, Any]] = {}
    for verb, name, what in history:
        value = pool[what]
        outcome = sticky_step(model, verb, name, value)
        if verb == "delete":
            action = partial(delattr, m, name)
        else:
            marked = nnx.data(value) if verb == "data" else nnx.static(value) if verb == "static" else value
            action = partial(setattr, m, name, marked)
        if outcome is not None:
            yield Refused(outcome, action, unchanged=(m,), about=f"{verb} {name} {what}")
            continue
        action()
        statuses = {n: status == "data" for n, (status, _) in model.items()}
        yield Eq({n: is_child(m, n) for n in model}, statuses, f"after {verb} {name} {what}")
    fresh = Block()
    for name, (status, value) in model.items():
        setattr(fresh, name, nnx.data(value) if status == "data" else nnx.static(value))
    yield Eq((m, tuple(pool.values())), (fresh, tuple(pool.values())), "the present attributes, given at once")


def sticky_pool(nnx: Any) -> dict[str, Any]:
    """Values by name for histories of one Module: statics, data by type, and containers with and without data."""
    return {
        "int": 1,
        "str": "s",
        "none": None,
        "tuple": (1, ("t",)),
        "array": jnp.array([1.0, 2.0]),
        "numpy": np.array(3),
        "variable": nnx.Param(jnp.array(4)),
        "module": nnx.Module(),
        "list-of-array": [jnp.array(5), 6],
    }


def sticky_step(model: dict[str, tuple[str, Any]], verb: str, name: str, value: Any) -> type[Exception] | None:
    """Does one step of a history on the model; gives the category if the step is to be refused.

    Args:
        model: (status, value) by name.
        verb: ``set``, ``data``, ``static`` or ``delete``.
        name: the attribute.
        value: the value without annotation.
    """
    if verb == "delete":
        return AttributeError if model.pop(name, None) is None else None
    known = model[name][0] if name in model else None
    container = isinstance(value, list | tuple)
    plain = all(isinstance(leaf, int | str) for leaf in jax.tree_util.tree_leaves(value))
    data = not plain or hasattr(value, "__dict__")
    if data and (verb == "static" or verb == "set" and (known == "static" or known is None and container)):
        return ValueError
    model[name] = ((known or ("data" if data else "static")) if verb == "set" else verb, value)
    return None


@law("module.set-around-assignment", term=MODULE, level=SHOULD, uses=("annotations", "state"))
def set_around_assignment(nnx: Any, given: Any) -> Claims:
    """An attribute that is put into the `__dict__` of a Module, not assigned, has the status that assignment would have
    given it, whether that is done in the constructor or later.

    It is Python's own way around `__setattr__`: frozen dataclasses and `self.__dict__.update(kwargs)` take it.
    """

    Block = updated_class(nnx)
    entries = {name: sticky_pool(nnx)[what] for name, what in given}
    assigned, later = Block(), Block()
    for name, value in entries.items():
        setattr(assigned, name, value)
    later.__dict__.update(entries)
    statuses = {name: is_child(assigned, name) for name in entries}
    for about, m in (("in the constructor", Block(entries)), ("later", later)):
        yield Eq({name: is_child(m, name) for name in entries}, statuses, f"statuses, set {about}")
        yield Eq((flat(nnx, m), m), (flat(nnx, assigned), assigned), f"state, set {about}")


@law("module.non-pytree-objects", term=MODULE, level=SHOULD, uses=("non-pytrees", "state", "split", "merge"))
def non_pytree_objects(nnx: Any, kinds: tuple[str, ...], item: str, value: Any) -> Claims:
    """Objects declared as non-pytrees are opaque to `jax.tree` and have no status checks, and the graph functions treat
    arrays and Variables inside their plain containers as state.

    The same class as a pytree refuses the containers (module.container-needs-annotation).
    """

    for cls in non_pytree_classes(nnx):
        m, n = cls(), cls()
        for one in (m, n):
            one.a = nest(kinds, data_item(nnx, item, value))
            one.b = ["s", 1]
            one.c = value
        yield Eq([leaf is m for leaf in jax.tree.leaves(m)], [True], "a leaf of jax.tree")
        yield Eq(flat(nnx, m), leaves(nnx, m), "the content of its containers is state")
        yield Eq(nnx.merge(*nnx.split(m)), n, "split and merge")
    m = module_class(nnx, "Open")()
    m.a = nnx.data(nest(kinds, data_item(nnx, item, value)))
    m.b = ["s", 1]
    m.c = value
    yield Eq(any(leaf is m for leaf in jax.tree.leaves(m)), False, "as a pytree it is no leaf")


LAWS: tuple[Law, ...] = (
    data_or_static,
    explicit_status,
    pytree_leaves,
    status_sticky,
    set_around_assignment,
    non_pytree_objects,
)
