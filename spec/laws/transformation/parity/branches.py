"""Options of `cond` and `switch`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, answer, mix, packed


def one_branch(number: int, recipe: Any, out: int, fault: str) -> Any:
    """A branch that differs from the others by its number, and in the result's type where that is the fault."""

    def branch(*operands: Any) -> Any:
        value = mix(recipe, operands) * (number + 1)
        if number == 0 and fault == "dtype":
            value = value.astype(jnp.int8)
        elif number == 0 and fault == "shape":
            value = jnp.stack([value, value])
        return answer(out + (number == 0 and fault == "structure"), value)

    return branch


@law("cond.options", term=TRANSFORMATION, uses=("transform.cond",))
def cond_options(nnx: Any, recipe: Any, pred: Any, args: Any, wraps: Any, out: int, traced: bool) -> Claims:
    """On functions of plain arrays `cond` agrees with `jax.lax.cond`, for every kind of predicate, concrete or traced,
    and any number of operands, in containers too.
    """
    operands = [packed(how, value) for how, value in zip(wraps, args, strict=False)]
    no, yes = (one_branch(i, recipe, out, "") for i in range(2))

    def run(cond: Any) -> Any:
        if traced:
            return jax.jit(lambda p: cond(p, yes, no, *operands))(pred)
        return cond(pred, yes, no, *operands)

    yield from agree(lambda: run(nnx.cond), lambda: run(jax.lax.cond))


@law("switch.options", term=TRANSFORMATION, uses=("transform.cond",))
def switch_options(
    nnx: Any, recipe: Any, index: Any, count: int, args: Any, wraps: Any, out: int, traced: bool
) -> Claims:
    """On functions of plain arrays `switch` agrees with `jax.lax.switch`, for every kind of index, concrete or traced,
    inside and outside the range, and any number of branches and operands.
    """
    operands = [packed(how, value) for how, value in zip(wraps, args, strict=False)]
    branches = [one_branch(i, recipe, out, "") for i in range(count)]

    def run(switch: Any) -> Any:
        if traced:
            return jax.jit(lambda i: switch(i, branches, *operands))(index)
        return switch(index, branches, *operands)

    yield from agree(lambda: run(nnx.switch), lambda: run(jax.lax.switch))


@law("cond.bad-options", term=TRANSFORMATION, uses=("transform.cond",))
def cond_bad_options(nnx: Any, case: Any, name: str, count: int) -> Claims:
    """What `jax.lax.cond` and `jax.lax.switch` refuse is refused by the lifted ones with the same builtin category:
    predicates and indices that are no scalars or of another type, no branch at all, branches that differ in structure,
    shape or dtype, operands of another number than the branches take.
    """
    chosen, fault = case
    branches = [one_branch(i, (0,), 0, fault) for i in range(count)]
    if fault == "operands":
        branches = [lambda x, y: x + y for _ in branches]
    given = {"string": "a", "none": None, "function": len}.get(fault, chosen)

    def run(cond: Any, switch: Any) -> Any:
        if name == "cond":
            return cond(given, branches[-1], branches[0], jnp.float32(1))
        return switch(given, branches if fault != "empty" else [], jnp.float32(1))

    yield from agree(lambda: run(nnx.cond, nnx.switch), lambda: run(jax.lax.cond, jax.lax.switch))
    one = jnp.float32(1)
    yield Eq(nnx.cond(True, lambda x: x + 1, lambda x: x, one), one + 1, "and the next call works")


LAWS: tuple[Law, ...] = (cond_options, switch_options, cond_bad_options)
