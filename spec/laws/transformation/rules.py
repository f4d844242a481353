"""What the backward function of a rule of differentiation receives and gives back, and rules for losses as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...flat import Flat, flat
from ...observation import leaves
from ...observation.nodes import is_node, is_state, is_variable
from .grad.losses import Loss, amount, arguments, cells, is_inexact, pure, run, value_of, with_value


def kinds_of(nnx: Any, tree: Any) -> Any:
    """A tree with a word for each part: what kind of gradient stands there."""
    if is_state(nnx, tree):
        return "State"
    if is_variable(nnx, tree):
        return "Variable"
    if isinstance(tree, dict):
        return {key: kinds_of(nnx, item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(kinds_of(nnx, item) for item in tree)
    return "None" if tree is None else "array"


def update_kinds(nnx: Any, argument: Any, at: tuple[Any, ...], first: Flat) -> Any:
    """The same words for the gradients of the updates of an argument: none for arrays.

    Args:
        first: leaves by canonical path: a Variable that comes again has an empty State.
    """
    if is_node(nnx, argument):
        return "State"
    if is_variable(nnx, argument):
        return "Variable" if at in first else "State"
    if isinstance(argument, dict):
        return {key: update_kinds(nnx, item, (*at, key), first) for key, item in argument.items()}
    if isinstance(argument, list | tuple):
        return type(argument)(update_kinds(nnx, item, (*at, key), first) for key, item in enumerate(argument))
    return "None"


def reported(nnx: Any, updates: Any, at: tuple[Any, ...] = ()) -> Flat:
    """The values in the gradients of updates by path in the arguments."""
    if is_state(nnx, updates):
        return {(*at, *path): value_of(nnx, leaf) for path, leaf in flat(updates).items()}
    if is_variable(nnx, updates):
        return {at: updates.get_raw_value()}
    found: Flat = {}
    items = updates.items() if isinstance(updates, dict) else enumerate(updates) if updates is not None else ()
    for key, item in items:
        found |= reported(nnx, item, (*at, key))
    return found


def inexact_in(nnx: Any, updates: Any) -> Flat:
    """The inexact values in the gradients of updates."""
    return {path: value for path, value in reported(nnx, updates).items() if is_inexact(value)}


def tangent_of(nnx: Any, updates: Any, at: tuple[Any, ...], values: Flat) -> Any:
    """A tangent of the form that `updates` has, with the values by path in the arguments; leaves of States that have
    no value stay as they are.
    """
    if is_state(nnx, updates):
        copied = jax.tree.map(lambda x: x, updates)
        for path in flat(copied):
            if (*at, *path) in values:
                place = copied
                for key in path[:-1]:
                    place = place[key]
                if is_variable(nnx, place[path[-1]]):
                    place[path[-1]].set_value(values[(*at, *path)])
                else:
                    place[path[-1]] = values[(*at, *path)]
        return copied
    if is_variable(nnx, updates):
        return with_value(nnx, jax.tree.map(lambda x: x, updates), values[at])
    if isinstance(updates, dict):
        return {key: tangent_of(nnx, item, (*at, key), values) for key, item in updates.items()}
    if isinstance(updates, list | tuple):
        return type(updates)(tangent_of(nnx, item, (*at, key), values) for key, item in enumerate(updates))
    return values.get(at)


def scaled(value: Any, factor: Any) -> Any:
    """A value times a number, in its own dtype."""
    return jax.tree.map(lambda x: (x * factor).astype(x.dtype), value)


def written(nnx: Any, loss: Loss, args: Any) -> list[int]:
    """Which cells hold another value after an eager run of a loss, aliases included."""
    before = [value_of(nnx, leaf) for _, leaf in cells(nnx, args)]
    run(nnx, loss, args)
    return [i for i, (_, leaf) in enumerate(cells(nnx, args)) if value_of(nnx, leaf) is not before[i]]


def with_rule(nnx: Any, make: Any, plan: Any, loss: Loss, factor: int, share: int, seen: list[Any]) -> Any:
    """A loss with a rule: `factor` times the true gradient, plus `share` times the gradients of the updates.

    Args:
        seen: where the gradients of the updates and of the output are noted.
    """
    template = arguments(nnx, make, plan)
    paths = [path for path, leaf in leaves(nnx, template).items() if is_inexact(value_of(nnx, leaf))]
    oracle = pure(nnx, loss, template, [])
    function = nnx.custom_vjp(lambda *xs: run(nnx, loss, xs))

    def forward(*xs: Any) -> Any:
        found = leaves(nnx, xs)
        values = [value_of(nnx, found[path]) for path in paths]
        return function(*xs), (values, xs)

    def backward(residuals: Any, cotangents: Any) -> Any:
        values, _ = residuals
        updates, out = cotangents
        seen.append((kinds_of(nnx, updates), kinds_of(nnx, out)))
        (gradients,) = jax.vjp(oracle, dict(zip(paths, values, strict=True)))[1](out)
        given = reported(nnx, updates)
        for path in gradients:
            gradients[path] = scaled(gradients[path], factor)
            if path in given and share:
                extra = scaled(given[path], share)
                gradients[path] = jax.tree.map(lambda x, y: (x + y).astype(x.dtype), gradients[path], extra)
        return tuple(tangent_of(nnx, item, (i,), gradients) for i, item in enumerate(updates))

    function.defvjp(forward, backward)
    return function


def outer_of(nnx: Any, function: Callable[..., Any], after: list[int]) -> Callable[..., Any]:
    """Three times a function of some arguments, plus what some of their cells hold afterwards."""

    def outer(*xs: Any) -> Any:
        total = 3 * function(*xs)
        found = cells(nnx, xs)
        return total + sum((amount(value_of(nnx, found[i][1])) for i in after), jnp.zeros(()))

    return outer
