"""Options of `while_loop` and `fori_loop`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, mix, packed


@law("fori.options", term=TRANSFORMATION, uses=("transform.fori",))
def fori_options(nnx: Any, recipe: Any, case: Any, value: Any, wrap: int) -> Claims:
    """On functions of plain arrays `fori_loop` with any bounds and `unroll` agrees with `jax.lax.fori_loop`, the dtype
    of the index included, where jax refuses a combination as well.

    Bounds are Python ints, numpy and jax integers of several dtypes, in any order, concrete or traced.
    """
    bounds, options, traced = case

    def body(i: Any, state: Any) -> Any:
        return jax.tree.map(lambda x: ((mix(recipe, x) + i) % 7).astype(x.dtype), state[0]), state[1] + i * 0 + 1

    def run(loop: Any) -> Any:
        dtypes: list[Any] = []

        def seen(i: Any, state: Any) -> Any:
            dtypes.append(str(jax.dtypes.result_type(i)))
            return body(i, state)

        state = (packed(wrap, value), jnp.zeros((), jax.dtypes.result_type(*bounds)))
        if traced:
            return jax.jit(lambda low, high: loop(low, high, seen, state, **dict(options)))(*bounds), dtypes[-1:]
        return loop(bounds[0], bounds[1], seen, state, **dict(options)), dtypes[-1:]

    yield from agree(lambda: run(nnx.fori_loop), lambda: run(jax.lax.fori_loop))


@law("fori.bad-options", term=TRANSFORMATION, uses=("transform.fori",))
def fori_bad_options(nnx: Any, bounds: Any, options: Any, fault: str) -> Claims:
    """What `jax.lax.fori_loop` refuses is refused by `fori_loop` with the same builtin category: bounds that are no
    integer scalars, `unroll` with bounds that are not known, a state that changes its shape or dtype.
    """

    def body(i: Any, x: Any) -> Any:
        if fault == "dtype":
            return x.astype(jnp.int32)
        return jnp.stack([x, x]) if fault == "shape" else x + 1

    def run(loop: Any) -> Any:
        state = jnp.float32(1)
        if fault == "traced":
            return jax.jit(lambda low, high: loop(low, high, body, state, **dict(options)))(*bounds)
        return loop(*bounds, body, state, **dict(options))

    yield from agree(lambda: run(nnx.fori_loop), lambda: run(jax.lax.fori_loop))
    yield Eq(nnx.fori_loop(0, 2, lambda i, x: x + 1, jnp.float32(0)), jnp.float32(2), "and the next call works")


@law("while.options", term=TRANSFORMATION, uses=("transform.while",))
def while_options(nnx: Any, recipe: Any, value: Any, wrap: int, limit: int, fault: str) -> Claims:
    """On functions of plain arrays `while_loop` agrees with `jax.lax.while_loop`; a condition that is no boolean scalar
    and a state that changes its shape or dtype are refused with the same builtin category.
    """

    def condition(state: Any) -> Any:
        go = state[1] < limit
        return {"int": state[1], "vector": jnp.stack([go, go]), "pair": (go, go)}.get(fault, go)

    def body(state: Any) -> Any:
        inner = jax.tree.map(lambda x: (mix(recipe, x) % 7).astype(x.dtype), state[0])
        if fault == "shape":
            inner = jax.tree.map(lambda x: jnp.stack([x, x]), inner)
        elif fault == "dtype":
            inner = jax.tree.map(lambda x: x.astype(jnp.int8), inner)
        return inner, state[1] + 1

    start = (packed(wrap, value), jnp.int32(0))
    yield from agree(lambda: nnx.while_loop(condition, body, start), lambda: jax.lax.while_loop(condition, body, start))


LAWS: tuple[Law, ...] = (fori_options, fori_bad_options, while_options)
