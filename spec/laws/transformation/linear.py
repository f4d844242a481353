"""Laws of `jvp` and `vjp`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...flat import Flat
from ...law import Law, law
from ...observation import leaves, nodes
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .grad.losses import arguments, held, is_inexact, is_numeric, pure, run, settled, value_of, with_value

USES = ("mutation", "variable-types")


WHOLE = ((0, 0),)
"""The plan of arguments that share nothing: the graph alone."""


def spread(total: Any) -> dict[str, Any]:
    """A tree of outputs made of one scalar."""
    return {"total": total, "pair": (2 * total, total - 1)}


def outputs(nnx: Any, loss: Any, aux: bool) -> Any:
    """The function of a loss that is differentiated: it gives a tree of outputs; as aux its first argument and more."""

    def function(*xs: Any) -> Any:
        total = run(nnx, loss, xs)
        return (spread(total), (xs[0], total)) if aux else spread(total)

    return function


def inexact_values(nnx: Any, args: Any) -> Flat:
    """The values of the inexact leaves by canonical path."""
    found = {path: value_of(nnx, leaf) for path, leaf in leaves(nnx, args).items()}
    return {path: value for path, value in found.items() if is_inexact(value)}


def as_tangents(nnx: Any, args: Any, number: int) -> Any:
    """The arguments themselves, after every Variable was given a tangent: a small value, float0 for what is not
    inexact. Arrays in no Variable are their own tangents.
    """

    def tangent(x: Any) -> Any:
        if is_inexact(x):
            return jnp.full_like(x, number % 3 + 1)
        return np.zeros(np.shape(x), jax.dtypes.float0)

    for leaf in leaves(nnx, args).values():
        if is_variable(nnx, leaf):
            leaf.set_value(jax.tree.map(tangent, leaf.get_raw_value()))
    return args


@law("jvp.matches-jax", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.jvp", "RngStream", *USES))
def jvp_matches_jax(nnx: Any, make: Any, plan: Any, number: int, loss: Any, aux: bool) -> Claims:
    """Values and tangents equal `jax.jvp` on the pure function of the inexact leaves, updates propagate once, and an
    input returned in aux is the identical object; a mode that does not offer jvp refuses with NotImplementedError.

    The tangent of a node is a node of the same structure (documentation of nnx.jvp).
    """
    function = outputs(nnx, loss, aux)
    eager, drawn = arguments(nnx, make, plan), []  # type: tuple[Any, ...], list[Any]
    before = held(nnx, eager)
    total = run(nnx, loss, eager, drawn)
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    primals = inexact_values(nnx, args)
    directions = as_tangents(nnx, arguments(nnx, make, plan), number)
    tangents = {path: value_of(nnx, leaf) for path, leaf in leaves(nnx, directions).items() if path in primals}
    oracle = pure(nnx, loss, args, drawn)
    expected = jax.jvp(lambda chosen: spread(oracle(chosen)), (primals,), (tangents,))
    outcome = attempt(lambda: nnx.jvp(function, args, directions, has_aux=aux))
    if isinstance(outcome.error, NotImplementedError):
        yield EqOrRefused(outcome, None, NotImplementedError, ((arguments(nnx, make, plan), args),), "not offered")
        return
    came = nnx.jvp(function, args, directions, has_aux=aux) if outcome.error is not None else outcome.value
    yield Eq(came[:2], expected, "value and tangent")
    yield Eq((mine, args, came[2:]), (before, eager, ((eager[0], total),) if aux else ()), "updates and aux")


@law("jvp.tangents-fit", term=TRANSFORMATION, uses=("transform.arguments", "transform.jvp", *USES))
def tangents_fit(nnx: Any, make: Any, plan: Any, number: int, loss: Any) -> Claims:
    """Tangents that are fewer or more than the primals, or lack a leaf, are refused with TypeError or ValueError, and
    change nothing; a mode that does not offer jvp refuses with NotImplementedError.
    """
    args = arguments(nnx, make, plan)
    refusals = (TypeError, ValueError, NotImplementedError)
    function = lambda *xs: run(nnx, loss, xs)  # noqa: E731  # a law's inputs are plain functions
    directions = as_tangents(nnx, arguments(nnx, make, plan), number)
    yield Refused(refusals, lambda: nnx.jvp(function, args, directions[1:]), (args,), "one tangent less")
    for extra in (jnp.ones(2), directions[-1], jnp.zeros(())):
        more = (*directions, extra)
        yield Refused(refusals, partial(nnx.jvp, function, args, more), (args,), "one tangent more")
    primals = (jnp.ones(2), jnp.ones(3))
    pair = lambda x, y: jnp.sum(x) * jnp.sum(y)  # noqa: E731  # as above
    yield Refused(refusals, lambda: nnx.jvp(pair, primals, (primals[0], None)), (), "None for an array")
    outcome = attempt(lambda: nnx.jvp(pair, primals, primals))
    yield EqOrRefused(outcome, jax.jvp(pair, primals, primals), NotImplementedError, (), "the next call")


def cotangent_claims(nnx: Any, came: Any, fresh: Any, gradients: Flat, about: str) -> Claims:
    """Cotangents have the type of the primals, and in the inexact leaves the gradients; others are float0, as in jax.

    Args:
        fresh: arguments that may be written.
    """
    found, blank = leaves(nnx, came), leaves(nnx, fresh)
    classes = {path: type(node) for path, node in nodes(nnx, fresh).items()}
    yield Eq({path: type(node) for path, node in nodes(nnx, came).items()}, classes, f"{about}: the types of nodes")
    expected = {path: with_value(nnx, blank[path], value) for path, value in gradients.items()}
    yield Eq({path: found.get(path) for path in gradients}, expected, f"{about}: the inexact leaves")
    others = [p for p, leaf in blank.items() if p not in gradients and is_numeric(value_of(nnx, leaf))]
    dtypes = {p: {np.dtype(x.dtype).name for x in jax.tree.leaves(value_of(nnx, found.get(p)))} for p in others}
    exact = {p: d for p, d in dtypes.items() if not d & {"float32", "bfloat16", "float16", "complex64"}}
    yield Eq(exact, {p: {"void"} for p in exact}, f"{about}: leaves that are not inexact")


@law("vjp.matches-jax", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.vjp", "RngStream", *USES))
def vjp_matches_jax(nnx: Any, make: Any, plan: Any, numbers: Any, loss: Any, aux: bool) -> Claims:
    """Values and cotangents equal `jax.vjp` on the pure function of the inexact leaves, cotangents have the type of the
    primals, updates propagate once, however often the pullback is called, and an input returned in aux is the
    identical object; a mode that does not offer vjp refuses with NotImplementedError.
    """
    function = outputs(nnx, loss, aux)
    eager, drawn = arguments(nnx, make, plan), []  # type: tuple[Any, ...], list[Any]
    before = held(nnx, eager)
    total = run(nnx, loss, eager, drawn)
    args = arguments(nnx, make, plan)
    mine = held(nnx, args)
    oracle = pure(nnx, loss, args, drawn)
    value, transpose = jax.vjp(lambda chosen: spread(oracle(chosen)), inexact_values(nnx, args))
    outcome = attempt(lambda: nnx.vjp(function, *args, has_aux=aux))
    if isinstance(outcome.error, NotImplementedError):
        yield EqOrRefused(outcome, None, NotImplementedError, ((arguments(nnx, make, plan), args),), "not offered")
        return
    came, pull_back, *more = nnx.vjp(function, *args, has_aux=aux) if outcome.error is not None else outcome.value
    yield Eq(came, value, "value")
    for number in numbers:
        cotangent = {"total": jnp.float32(number), "pair": (jnp.float32(1), jnp.float32(number - 2))}
        (gradients,) = transpose(cotangent)
        fresh = arguments(nnx, make, plan)
        yield from cotangent_claims(nnx, pull_back(cotangent), fresh, gradients, f"cotangent {number}")
    yield Eq((mine, args, more), (before, eager, [(eager[0], total)] if aux else []), "updates and aux")


@law("vjp.cotangents-fit", term=TRANSFORMATION, uses=("transform.arguments", "transform.vjp", *USES))
def cotangents_fit(nnx: Any, make: Any, plan: Any, loss: Any) -> Claims:
    """A cotangent of another structure or shape than the output is refused with TypeError or ValueError, and the
    pullback works afterwards; a mode that does not offer vjp refuses with NotImplementedError.
    """
    args = arguments(nnx, make, plan if nnx.offers("sharing") else WHOLE)
    outcome = attempt(lambda: nnx.vjp(lambda *xs: spread(run(nnx, loss, xs)), *args))
    if isinstance(outcome.error, NotImplementedError):
        yield EqOrRefused(outcome, None, NotImplementedError, (), "not offered")
        return
    if outcome.error is not None:
        raise outcome.error
    _, pull_back = outcome.value
    one = jnp.float32(1)
    for wrong in ({"total": one}, {"total": one, "pair": [one, one]}, one, {"total": jnp.ones(3), "pair": (one, one)}):
        yield Refused((TypeError, ValueError), partial(pull_back, wrong), (args,), "another structure")
    yield Eq(attempt(lambda: pull_back(spread(one))).error, None, "the next call")


def in_tree_mode(nnx: Any, make: Any) -> Any:
    """A graph without int leaves, made in tree mode."""
    return settled(nnx, make(), nnx.Variable)


def with_aux(nnx: Any, loss: Any, aux: bool) -> Callable[..., Any]:
    """A function of the arguments with two outputs, and with the loss beside them if it has an aux."""

    def function(*xs: Any) -> Any:
        total = run(nnx, loss, xs)
        return (spread(total), total) if aux else spread(total)

    return function


@law("jvp.tree-matches-jax", term=TRANSFORMATION, uses=("transform.jvp", "tree-mode", *USES), tags=("tree",))
def jvp_tree(nnx: Any, make: Any, number: int, loss: Any, aux: bool) -> Claims:
    """In tree mode values and tangents equal `jax.jvp` on the pure function, and updates propagate once."""
    with nnx.set_graph_mode(False):
        eager, drawn = (in_tree_mode(nnx, make), jnp.ones(2)), []  # type: tuple[Any, ...], list[Any]
        total = run(nnx, loss, eager, drawn)
        args = (in_tree_mode(nnx, make), jnp.ones(2))
        directions = as_tangents(nnx, (in_tree_mode(nnx, make), jnp.full(2, 2.0)), number)
        primals = inexact_values(nnx, args)
        tangents = inexact_values(nnx, directions)
        oracle = pure(nnx, loss, args, drawn)
        expected = jax.jvp(lambda chosen: spread(oracle(chosen)), (primals,), (tangents,))
        came = nnx.jvp(with_aux(nnx, loss, aux), args, directions, has_aux=aux)
        yield Eq(came, (*expected, total) if aux else expected, "value, tangent and aux")
        yield Eq(args, eager, "the arguments afterwards")


@law("vjp.tree-matches-jax", term=TRANSFORMATION, uses=("transform.vjp", "tree-mode", *USES), tags=("tree",))
def vjp_tree(nnx: Any, make: Any, number: int, loss: Any, aux: bool) -> Claims:
    """In tree mode values and cotangents equal `jax.vjp` on the pure function, cotangents have the type of the primals,
    and updates propagate once.
    """
    with nnx.set_graph_mode(False):
        eager, drawn = (in_tree_mode(nnx, make), jnp.ones(2)), []  # type: tuple[Any, ...], list[Any]
        total = run(nnx, loss, eager, drawn)
        args = (in_tree_mode(nnx, make), jnp.ones(2))
        oracle = pure(nnx, loss, args, drawn)
        value, transpose = jax.vjp(lambda chosen: spread(oracle(chosen)), inexact_values(nnx, args))
        cotangent = spread(jnp.float32(number))
        (gradients,) = transpose(cotangent)
        came, pull_back, *rest = nnx.vjp(with_aux(nnx, loss, aux), *args, has_aux=aux)
        yield Eq((came, rest), (value, [total] if aux else []), "value and aux")
        fresh = (in_tree_mode(nnx, make), jnp.ones(2))
        yield from cotangent_claims(nnx, pull_back(cotangent), fresh, gradients, "cotangents")
        yield Eq(args, eager, "the arguments afterwards")


LAWS: tuple[Law, ...] = (jvp_matches_jax, tangents_fit, vjp_matches_jax, cotangents_fit, jvp_tree, vjp_tree)
