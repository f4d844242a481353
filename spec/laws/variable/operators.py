"""Laws of operators: in an expression a Variable stands for its value."""

from __future__ import annotations

import math
import operator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Refused, attempt
from ...law import SHOULD, Law, law
from ...observation import observe
from ...terms import VARIABLE


def operation(name: str) -> Any:
    """The function behind the name of an operator, conversion or other protocol of the Python data model."""
    special = {
        "divmod": divmod,
        "pow": pow,
        "round": round,
        "round-1": lambda x: round(x, 1),
        "floor": math.floor,
        "ceil": math.ceil,
        "trunc": math.trunc,
        "bool": bool,
        "int": int,
        "float": float,
        "complex": complex,
        "len": len,
        "list": list,
        "format": format,
        "format-.1f": lambda x: format(x, ".1f"),
    }
    return special[name] if name in special else vars(operator)[name]


@law("variable.binary-operators", term=VARIABLE, uses=("operators",))
def binary_operators(nnx: Any, names: Any, value: Any, other: Any, boxed: bool, jitted: bool) -> Claims:
    """Binary arithmetic, bitwise and matmul operators give on Variables what they give on the arrays, as a plain value.

    The Variable stands on either side, with an array, a Python number or another Variable on the other one. A Variable
    is also accepted as argument of jnp and np functions and of a plain jax.jit.
    """
    v = nnx.Param(value)
    w = nnx.Variable(other, tag="t") if boxed and isinstance(other, jax.Array) else other
    for name in names:
        apply = operation(name)
        yield Eq(attempt(partial(apply, v, w)), attempt(partial(apply, value, other)), f"{name}(v, x)")
        yield Eq(attempt(partial(apply, w, v)), attempt(partial(apply, other, value)), f"{name}(x, v)")
    if jitted:
        add = jax.jit(operator.add)
        yield Eq(attempt(partial(add, v, w)), attempt(partial(add, value, other)), "jax.jit")
    yield Eq(jnp.ravel(v), jnp.ravel(value), "jnp.ravel")
    yield Eq(jnp.stack([v, v]), jnp.stack([value, value]), "jnp.stack")
    yield Eq(np.asarray(v), np.asarray(value), "np.asarray")
    yield Eq(np.where(v, 1, v), np.where(value, 1, value), "np.where")


UNARY = ("neg", "pos", "abs", "invert", "round-1")
CONVERSIONS = ("int", "float", "complex", "index", "len", "list")


@law("variable.unary-operators", term=VARIABLE, uses=("operators",))
def unary_operators(nnx: Any, kind: Any, value: Any) -> Claims:
    """Unary operators, abs, round to digits, conversions to numbers, len, iteration and `in` give on a Variable that
    holds an array what they give on the array, and what the array refuses is refused.

    A part of variable.all-operators, apart so that defects in its other parts do not end the search here.
    """
    v = kind(value)
    for name in (*UNARY, *CONVERSIONS):
        apply = operation(name)
        expected = attempt(partial(apply, value))
        came = attempt(partial(apply, v))
        if expected.error is None:
            yield Eq(came, expected, f"{name}(v)")
        else:
            yield Eq(came.error is None, False, f"{name}(v) is accepted")
    parts = jnp.asarray([0.25, 1.75])
    yield Eq(round(kind(parts), 1), round(parts, 1), "round to a digit")
    if value.ndim == 1:
        yield Eq([item in v for item in (value[0], 77)], [True, False], "in")


@law("variable.all-operators", term=VARIABLE, uses=("operators",))
def all_operators(nnx: Any, use: Any, value: Any, other: Any) -> Claims:
    """Every operator of the Python data model that the value supports gives on a Variable the result it gives on it.

    That is comparison, equality, arithmetic, bitwise and unary operators, divmod, abs, round, floor, ceil, trunc, the
    conversions, len, format, iteration and `in`, for arrays and for Python values, with the Variable on either side.
    Where the value refuses, the Variable refuses with the same category, or with TypeError or AttributeError.
    """
    side, name = use
    v = nnx.Param(value)
    apply = operation(name)
    boxed = {"unary": (v,), "left": (v, other), "right": (other, v), "both": (v, nnx.Param(other))}[side]
    bare = {"unary": (value,), "right": (other, value)}.get(side, (value, other))
    came, expected = attempt(partial(apply, *boxed)), attempt(partial(apply, *bare))
    if expected.error is None:
        yield Eq(came, expected, f"{name}, Variable on the {side} side" if side in ("left", "right") else name)
    else:
        allowed = (expected.category, TypeError, AttributeError)
        yield Eq(came.category in allowed, True, f"{name} is refused as on the value")


AUGMENTED = (
    "iadd",
    "isub",
    "imul",
    "itruediv",
    "ifloordiv",
    "imod",
    "ipow",
    "imatmul",
    "ilshift",
    "irshift",
    "iand",
    "ior",
    "ixor",
)
"""Names of the augmented assignments in the module operator."""


@law("variable.no-augmented-assignment", term=VARIABLE, uses=("mutation", "operators"))
def no_augmented_assignment(nnx: Any, name: str, value: Any, other: Any) -> Claims:
    """v += x and the other augmented assignments on a Variable are refused with NotImplementedError and change nothing.

    Otherwise `m.w += x` would replace the Variable by an array. On the value, v[...] += x updates in place.
    """
    m, v = nnx.Module(), nnx.Param(value)
    m.w = v
    for each in AUGMENTED:
        refused = partial(operation(each), m.w, other)
        yield Refused(NotImplementedError, refused, unchanged=((m, v),), about=f"{each} on the Variable")
    apply = operation(name)
    outcome = attempt(partial(apply, value, other))
    if outcome.error is None and outcome.value.shape == value.shape:
        v[...] = apply(v[...], other).astype(value.dtype)
        yield Eq(v.get_value(), outcome.value.astype(value.dtype), f"{name} on v[...]")
        yield Eq(m.w is v, True, "the Variable stays in its place")


@law("variable.eq-elementwise", term=VARIABLE, level=SHOULD, uses=("operators",))
def eq_elementwise(nnx: Any, kind: Any, value: Any, metadata: Any, other: Any, given: Any, same: bool) -> Claims:
    """v == x compares elementwise by value and ignores the Variable's type and metadata."""
    x = value if same else given
    v = kind(value, **metadata)
    before = observe(nnx, v)
    expected = attempt(lambda: value == x)
    yield Eq(attempt(lambda: v == x), expected, "v == x")
    yield Eq(attempt(lambda: x == v), expected, "x == v")
    yield Eq(attempt(lambda: v == other(x)), expected, "v == w")
    yield Eq(v, before, "v is as before")


LAWS: tuple[Law, ...] = (binary_operators, unary_operators, all_operators, no_augmented_assignment, eq_elementwise)
