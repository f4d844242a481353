"""The names of NNX that plain jax has something for; `nnxspec.backends.jax` says how each was chosen."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental import checkify

from nnxspec.spec import Unsupported

from ._options import translated


class Module:
    """A mutable object that is a pytree: its attributes by name, those that hold no array as structure."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__slots__" in vars(cls):
            raise Unsupported("__slots__", "what a class with slots means is not jax's to say")
        jax.tree_util.register_pytree_with_keys(cls, _flatten_with_keys, _unflattener(cls))


def _has_identity(value: Any) -> bool:
    return isinstance(value, Module | Variable)


def _is_child(value: Any) -> bool:
    """Whether a value is, or holds, what jax computes with."""
    found = jax.tree.leaves(value, is_leaf=_has_identity)
    return any(_has_identity(x) or (hasattr(x, "dtype") and not isinstance(x, type)) for x in found)


def _flatten_with_keys(node: Any) -> tuple[Any, Any]:
    names = sorted(vars(node))
    children = [name for name in names if _is_child(getattr(node, name))]
    structure = tuple((name, getattr(node, name)) for name in names if name not in children)
    return [(jax.tree_util.GetAttrKey(name), getattr(node, name)) for name in children], (tuple(children), structure)


def _unflattener(cls: type[Any]) -> Callable[[Any, Any], Any]:
    def unflatten(structure: Any, children: Any) -> Any:
        names, others = structure
        node = object.__new__(cls)
        vars(node).update(zip(names, children, strict=True), **dict(others))
        return node

    return unflatten


jax.tree_util.register_pytree_with_keys(Module, _flatten_with_keys, _unflattener(Module))


class Variable:
    """A value that can be written: a reference of jax, under NNX's names for reading and writing.

    Args:
        value: an array, or what `jax.numpy.asarray` makes one of.
    """

    ref: Any

    def __init__(self, value: Any) -> None:
        self.ref = jax.new_ref(value if isinstance(value, jax.Array) else jnp.asarray(value))

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _register_variable(cls)

    def get_value(self, *, index: Any = ...) -> Any:
        """The value, or a part of it."""
        return self.ref[index]

    def set_value(self, value: Any, *, index: Any = ...) -> None:
        """Writes the value, or a part of it."""
        self.ref[index] = value

    def replace(self, value: Any) -> Variable:
        """Another Variable of the same type."""
        return type(self)(value)

    def __getitem__(self, index: Any) -> Any:
        return self.ref[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.ref[index] = value

    get_raw_value, set_raw_value = get_value, set_value


def _register_variable(cls: type[Variable]) -> None:
    def unflatten(_: Any, children: Any) -> Variable:
        variable = object.__new__(cls)
        (variable.ref,) = children
        return variable

    jax.tree_util.register_pytree_with_keys(
        cls, lambda v: ([(jax.tree_util.GetAttrKey("ref"), v.ref)], None), unflatten
    )


_register_variable(Variable)


class Param(Variable):
    """A Variable that is a parameter."""


def split(node: Any, /, *filters: Any) -> tuple[Any, Any]:
    """The treedef and the leaves."""
    if any(one is not ... and one is not True for one in filters) or len(filters) > 1:
        raise Unsupported("filters")
    leaves, treedef = jax.tree.flatten(node)
    return treedef, leaves


def graphdef(node: Any, /) -> Any:
    """The treedef."""
    return jax.tree.structure(node)


def merge(treedef: Any, leaves: Any, /, *more: Any, **options: Any) -> Any:
    """The tree with the given leaves."""
    if more or options:
        raise Unsupported("merge", "a treedef takes one list of leaves, and no options")
    return jax.tree.unflatten(treedef, leaves)


class Carry:
    """Marks the carry among the axes of scan."""


def scan(f: Any = None, /, *, in_axes: Any = (Carry, 0), out_axes: Any = (Carry, 0), **options: Any) -> Any:
    """`jax.lax.scan`, where the axes say what it does: the carry first, slices along axis 0 of all other arguments."""
    ahead = isinstance(in_axes, tuple) and in_axes[:1] == (Carry,) and len(in_axes) > 1
    if f is None or not ahead or any(axis != 0 or axis is None for axis in in_axes[1:]) or out_axes != (Carry, 0):
        raise Unsupported("scan", "jax.lax.scan has the carry first and slices along axis 0")

    def scanned(carry: Any, *slices: Any) -> Any:
        _has_no_reference(carry)
        lax = translated(jax.lax.scan, "scan")
        if len(slices) == 1:
            return lax(f, carry, slices[0], **options)
        return lax(lambda state, parts: f(state, *parts), carry, slices, **options)

    return scanned


def _has_no_reference(carry: Any) -> None:
    if any(isinstance(leaf, Variable) for leaf in jax.tree.leaves(carry, is_leaf=lambda x: isinstance(x, Variable))):
        raise Unsupported("Variables in a carry", "the carry of a loop of jax holds no references")


def while_loop(cond_fun: Any, body_fun: Any, init_val: Any, /) -> Any:
    """`jax.lax.while_loop`."""
    _has_no_reference(init_val)
    return jax.lax.while_loop(cond_fun, body_fun, init_val)


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any, /, **options: Any) -> Any:
    """`jax.lax.fori_loop`."""
    _has_no_reference(init_val)
    return translated(jax.lax.fori_loop, "fori_loop")(lower, upper, body_fun, init_val, **options)


nnx = types.SimpleNamespace(
    Module=Module,
    Variable=Variable,
    Param=Param,
    Carry=Carry,
    split=split,
    graphdef=graphdef,
    merge=merge,
    jit=translated(jax.jit, "jit", decorator=True),
    grad=translated(jax.grad, "grad"),
    value_and_grad=translated(jax.value_and_grad, "value_and_grad"),
    jvp=translated(jax.jvp, "jvp", least=3),
    vjp=translated(jax.vjp, "vjp", least=2),
    remat=translated(jax.checkpoint, "remat"),
    vmap=translated(jax.vmap, "vmap"),
    pmap=translated(jax.pmap, "pmap"),
    shard_map=translated(jax.shard_map, "shard_map"),
    scan=scan,
    cond=translated(jax.lax.cond, "cond"),
    switch=translated(jax.lax.switch, "switch"),
    while_loop=while_loop,
    fori_loop=fori_loop,
    eval_shape=jax.eval_shape,
    checkify=translated(checkify.checkify, "checkify"),
    make_jaxpr=translated(jax.make_jaxpr, "make_jaxpr"),
)
"""The names of NNX that jax has something for."""
