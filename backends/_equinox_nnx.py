"""The names of NNX that equinox has something for; `nnxspec.backends.equinox` says how each was chosen."""

from __future__ import annotations

import types
from typing import Any

import equinox as eqx
import jax

from nnxspec.spec import Unsupported

from ._jax_nnx import nnx as plain
from ._options import chosen_by, translated

Module = eqx.Module


class Variable(eqx.Module):  # type: ignore[misc]  # equinox is not there when types are checked
    """An array, or a pytree, with a type of its own by which it can be chosen."""

    value: Any

    def get_value(self) -> Any:
        """The value."""
        return self.value

    def get_raw_value(self) -> Any:
        """The value."""
        return self.value

    def replace(self, value: Any) -> Variable:
        """Another Variable of the same type."""
        return eqx.tree_at(lambda v: v.value, self, value, is_leaf=lambda x: x is None)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        return self.value[index]


class Param(Variable):
    """A Variable that is a parameter."""


def _is_variable(value: Any) -> bool:
    return isinstance(value, Variable)


_FILTERS = "a filter of equinox sees leaves, and neither paths nor metadata"


def split(node: Any, /, *filters: Any) -> tuple[Any, ...]:
    """`equinox.partition` into what is no array and what is, and the arrays again by each filter."""
    predicates = [chosen_by(one, Variable, _FILTERS) for one in filters]
    rest, static = eqx.partition(node, eqx.is_array)
    if not filters:
        return static, rest
    groups = []
    for predicate in predicates:
        group, rest = eqx.partition(rest, jax.tree.map(predicate, rest, is_leaf=_is_variable))
        groups.append(group)
    return (static, *groups)


def graphdef(node: Any, /) -> Any:
    """What is left of a node without its arrays."""
    return eqx.filter(node, eqx.is_array, inverse=True)


def merge(static: Any, /, *states: Any, **options: Any) -> Any:
    """`equinox.combine`."""
    if options or any(isinstance(state, list) for state in states):
        raise Unsupported("merge", "equinox.combine takes trees, and no options")
    return eqx.combine(static, *states)


def _axes(axes: Any) -> Any:
    """Axes of NNX, which concern arrays, as equinox writes them."""
    return jax.tree.map(
        lambda axis: eqx.if_array(axis) if type(axis) is int else axis, axes, is_leaf=lambda axis: axis is None
    )


def vmap(*function: Any, in_axes: Any = 0, out_axes: Any = 0, **options: Any) -> Any:
    """`equinox.filter_vmap`."""
    transform = translated(eqx.filter_vmap, "vmap", decorator=True)
    return transform(*function, in_axes=_axes(in_axes), out_axes=_axes(out_axes), **options)


nnx = types.SimpleNamespace(
    Module=Module,
    Variable=Variable,
    Param=Param,
    split=split,
    graphdef=graphdef,
    merge=merge,
    jit=translated(
        eqx.filter_jit,
        "jit",
        decorator=True,
        refused=(
            "static_argnums",
            "static_argnames",
            "donate_argnums",
            "donate_argnames",
            "in_shardings",
            "out_shardings",
        ),
    ),
    grad=translated(eqx.filter_grad, "grad", dropped={"argnums": 0}, decorator=True),
    value_and_grad=translated(eqx.filter_value_and_grad, "value_and_grad", dropped={"argnums": 0}, decorator=True),
    jvp=translated(eqx.filter_jvp, "jvp", dropped={"has_aux": False}, least=3),
    vjp=translated(eqx.filter_vjp, "vjp", dropped={"reduce_axes": ()}, least=2),
    remat=translated(eqx.filter_checkpoint, "remat", decorator=True),
    vmap=vmap,
    eval_shape=eqx.filter_eval_shape,
    # what equinox leaves to jax: its Modules are pytrees, so they go through
    Carry=plain.Carry,
    scan=plain.scan,
    cond=plain.cond,
    switch=plain.switch,
    while_loop=plain.while_loop,
    fori_loop=plain.fori_loop,
    checkify=plain.checkify,
)
"""The namespace."""
