"""Laws of what `grad` refuses, and of its options on functions of plain arrays."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq, Refused, attempt
from ....law import SHOULD, Law, law
from ....observation import leaves
from ....terms import TRANSFORMATION
from .losses import amount, arguments, held, run

USES = ("transform.grad", "mutation", "variable-types", "State")


def not_scalar(nnx: Any, m: Any, total: Any, which: int) -> Any:
    """A result that `jax.grad` refuses: no scalar, not real, or not even an array."""
    return (
        total[None],
        jnp.stack([total, total]),
        jnp.zeros((0,)),
        total.astype("complex64"),
        total.astype("int32"),
        None,
        (total, total),
        {"loss": total},
        m,
        nnx.Dict(loss=nnx.Param(total)),
    )[which % 10]


@law("grad.scalar-loss", term=TRANSFORMATION, uses=(*USES, "RngStream", "rng.streams", "containers"))
def scalar_loss(nnx: Any, make: Any, loss: Any, which: int, with_value: bool) -> Claims:
    """A loss that is not a real scalar is refused with TypeError, whatever it has changed before, and the next call
    works; the gradient with respect to a standalone Variable is a Variable.
    """
    function = nnx.value_and_grad if with_value else nnx.grad
    variable = nnx.BatchStat(jnp.array([1.0, 2.0]), tag="t")
    (m,) = arguments(nnx, make, ((0, 0),))

    def bad(v: Any, m: Any) -> Any:
        total = run(nnx, loss, (m,)) + amount(v.get_value())
        v.set_value(v.get_value() + 1)
        return not_scalar(nnx, m, total, which)

    yield Refused(TypeError, lambda: function(bad)(variable, m), (variable, m), "no real scalar")
    came = nnx.grad(lambda v, m: amount(v.get_value(), 2))(variable, m)
    yield Eq(came, nnx.BatchStat(jnp.array([2.0, 4.0]), tag="t"), "the next call, on a standalone Variable")


@law("grad.aux-pair", term=TRANSFORMATION, level=SHOULD, uses=USES)
def aux_pair(nnx: Any, make: Any, which: int, with_value: bool) -> Claims:
    """With `has_aux` a function that does not return a pair is refused with TypeError or ValueError, as in jax, and the
    next call works.
    """
    function = nnx.value_and_grad if with_value else nnx.grad
    (m,) = arguments(nnx, make, ((0, 0),))
    wrong = (jnp.ones(()), (), (jnp.ones(()),), (jnp.ones(()), 1.0, 2.0))[which % 4]
    bad = function(lambda m: wrong, has_aux=True)
    yield Refused((TypeError, ValueError), lambda: bad(m), (m,), "no pair")
    returned = nnx.offers("transform.returned-inputs")
    good = function(lambda m: (jnp.ones(()), m if returned else jnp.ones(2)), has_aux=True)
    came = good(m)[0][1] if with_value else good(m)[1]
    yield Eq((came, m), (m if returned else jnp.ones(2), m), "the next call")


@law("grad.inexact-only", term=TRANSFORMATION, uses=("transform.grad-states", *USES))
def inexact_only(nnx: Any, make: Any, leaf: Any, pick: int, with_value: bool) -> Claims:
    """A Param that is no float or complex number is refused with TypeError, as in jax, wherever it is, and the next
    call, in which nothing selects it, works.
    """
    function = nnx.value_and_grad if with_value else nnx.grad
    args = arguments(nnx, make, ((0, 0),))
    params = [v for v in leaves(nnx, args).values() if isinstance(v, nnx.Param)]
    chosen = params[pick % len(params)] if params else nnx.Param(jnp.zeros(()))
    chosen.set_value(leaf)
    where = args if params else (chosen,)
    yield Refused(TypeError, lambda: function(lambda x: jnp.zeros(()))(*where), (where,), "a Param without gradient")
    came = nnx.grad(lambda m, x: 3 * x, argnums=1)(*where, jnp.float32(2))
    yield Eq(came, jnp.float32(3), "the next call")


BAD_ARGNUMS = (2, -3, (0, 2), (-3, 1), "x", (0, "x"), 1.5, (0, None))
"""Argnums that no function of two arguments takes."""


@law("grad.bad-argnums", term=TRANSFORMATION, uses=USES)
def bad_argnums(nnx: Any, make: Any, which: int, with_value: bool) -> Claims:
    """Argnums that are out of range, or no ints, are refused with TypeError or ValueError, as in jax; the next call
    works.
    """
    function = nnx.value_and_grad if with_value else nnx.grad
    (m,) = arguments(nnx, make, ((0, 0),))
    x = jnp.ones(2)
    wrong = BAD_ARGNUMS[which % len(BAD_ARGNUMS)]
    loss = lambda m, x: jnp.sum(x)  # noqa: E731  # a law's inputs are plain functions
    yield Refused((TypeError, ValueError), lambda: function(loss, argnums=wrong)(m, x), (m, x), repr(wrong))
    yield Eq(nnx.grad(loss, argnums=1)(m, x), jnp.ones(2), "the next call")


@law("grad.repeated-argnums", term=TRANSFORMATION, uses=(*USES, "transform.diff-state"))
def repeated_argnums(nnx: Any, make: Any, first: int, second: int, negative: bool, with_value: bool) -> Claims:
    """An argument that is named twice in argnums, by ints or DiffStates, is refused with ValueError; the next call
    works.

    Naming it once from the front and once from the end is naming it twice.
    """
    function = nnx.value_and_grad if with_value else nnx.grad
    (m,) = arguments(nnx, make, ((0, 0),))
    x = jnp.ones(2)
    numbers = (0, -2 if negative else 0)
    wrong = tuple(nnx.DiffState(n, ...) if pick else n for n, pick in zip(numbers, (first, second), strict=True))
    loss = lambda m, x: jnp.sum(x)  # noqa: E731  # a law's inputs are plain functions
    yield Refused(ValueError, lambda: function(loss, argnums=wrong)(m, x), (m, x), "an argument named twice")
    yield Eq(nnx.grad(loss, argnums=(1,))(m, x), (jnp.ones(2),), "the next call")


@law("grad.consistent-argnums", term=TRANSFORMATION, uses=("transform.grad-states", *USES, "sharing"))
def consistent_argnums(nnx: Any, make: Any, pick: int, wrap: int, last: bool) -> Claims:
    """A Param that is in an argument that is differentiated and in one that is not is refused with ValueError, at any
    depth; when both are differentiated the call works.
    """
    args = arguments(nnx, make, ((0, 0),))
    params = [v for v in leaves(nnx, args).values() if isinstance(v, nnx.Param)]
    shared = params[pick % len(params)] if params else nnx.Param(jnp.ones(2))
    other = (shared, {"a": [shared]}, nnx.Dict(inner=nnx.Dict(v=shared)))[wrap % 3]
    pair = (nnx.Dict(m=args[0], v=shared), other)
    loss = lambda *xs: jnp.zeros(())  # noqa: E731  # a law's inputs are plain functions
    argnums = 1 if last else 0
    yield Refused(ValueError, lambda: nnx.grad(loss, argnums=argnums)(*pair), pair, "in one of the two")
    came = attempt(lambda: nnx.grad(loss, argnums=(0, 1))(*pair))
    yield Eq(came.error, None, "both differentiated")


def plain_loss(kind: int, has_aux: bool) -> Any:
    """A function of plain arguments: an array, a dict of arrays, and two numbers; complex if `kind` is odd."""

    def loss(x: Any, tree: Any, y: Any, scale: Any) -> Any:
        total = jnp.sum(x**2) * jnp.sum(tree["a"]) * scale + jnp.sum(tree["b"][0] * y)
        total = total if kind % 2 else total.real
        return (total, {"aux": x}) if has_aux else total

    return loss


@law("grad.options-as-jax", term=TRANSFORMATION, uses=("transform.grad",))
def options_as_jax(nnx: Any, dtypes: Any, argnums: Any, kind: int, flags: Any, by_name: bool) -> Claims:
    """On functions of plain arrays grad and value_and_grad with any combination of `argnums`, `has_aux`, `holomorphic`
    and `allow_int`, and with keyword arguments, give what they give in jax, or refuse what jax refuses with the same
    category.
    """
    has_aux, holomorphic, allow_int, with_value = flags
    loss = plain_loss(kind, has_aux)
    first, second = (jnp.array([1, 2], dtype) for dtype in dtypes)
    args: tuple[Any, ...] = (first, {"a": second, "b": [first]})
    named: dict[str, Any] = {"y": jnp.float32(3), "scale": jnp.float32(2)} if by_name else {}
    options: dict[str, Any] = {
        "argnums": argnums,
        "has_aux": has_aux,
        "holomorphic": holomorphic,
        "allow_int": allow_int,
    }
    if by_name:  # whether argnums can reach what is given by name is free
        options["argnums"] = (0, 1) if isinstance(argnums, tuple) else 0
    else:
        args = (*args, jnp.float32(3), jnp.float32(2))
    mine = nnx.value_and_grad if with_value else nnx.grad
    theirs = jax.value_and_grad if with_value else jax.grad
    expected = attempt(lambda: theirs(loss, **options)(*args, **named))
    if expected.error is None:
        yield Eq(mine(loss, **options)(*args, **named), expected.value, "as jax")
    else:
        category = expected.category or Exception
        yield Refused(
            (TypeError, ValueError) if category in (TypeError, ValueError) else category,
            lambda: mine(loss, **options)(*args, **named),
            (args,),
            "",
        )
        yield Eq(nnx.grad(lambda x: x * x)(jnp.float32(3)), jnp.float32(6), "the next call")


@law("grad.keyword-arguments", term=TRANSFORMATION, level=SHOULD, uses=(*USES, "RngStream", "rng.streams"))
def keyword_arguments(nnx: Any, make: Any, pick: int, loss: Any, only: bool) -> Claims:
    """Nodes may be given by name, also where they can be given in no other way; they are not differentiated then, and
    what the loss changes in them is changed once.
    """
    plan = ((1, pick),)
    w = nnx.Param(jnp.array([1.0, 2.0]))

    def either(w: Any, m: Any) -> Any:
        return run(nnx, loss, (m,)) + amount(w.get_value(), 2)

    def by_name(w: Any, *, m: Any) -> Any:
        return either(w, m)

    function = by_name if only else either
    (eager,), (m,) = arguments(nnx, make, plan), arguments(nnx, make, plan)
    value = function(w, m=eager)
    mine = held(nnx, m)
    came = nnx.value_and_grad(function)(w, m=m)
    yield Eq(came, (value, nnx.Param(jnp.array([2.0, 4.0]))), "value and gradient")
    yield Eq((mine, m), (held(nnx, eager), eager), "what was given by name")


LAWS: tuple[Law, ...] = (
    scalar_loss,
    aux_pair,
    inexact_only,
    bad_argnums,
    repeated_argnums,
    consistent_argnums,
    options_as_jax,
    keyword_arguments,
)
