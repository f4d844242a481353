"""Options of `jvp`, `vjp` and `custom_vjp`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, answer, array, mix, offered, packed


def jvp_agrees(
    nnx: Any, recipe: Any, primals: Any, tangents: Any, wraps: Any, has_aux: bool, out: int, form: str
) -> Claims:
    """The claims of both laws of jvp."""
    primals = tuple(packed(how, value) for how, value in zip(wraps, primals, strict=False))
    tangents = tuple(packed(how, value) for how, value in zip(wraps, tangents, strict=False))
    if form == "lists":
        primals, tangents = list(primals), list(tangents)  # jax takes both

    def f(*parts: Any) -> Any:
        value = mix(recipe, parts)
        return (answer(out, value), value + 2) if has_aux else answer(out, value)

    def lifted() -> Any:
        if form == "decorator":
            return nnx.jvp(has_aux=has_aux)(f)(primals, tangents)
        if form == "function":
            return nnx.jvp(f, has_aux=has_aux)(primals, tangents)
        return nnx.jvp(f, primals, tangents, has_aux=has_aux)

    yield from agree(lambda: offered(nnx, lifted), lambda: jax.jvp(f, primals, tangents, has_aux=has_aux))


@law("jvp.options", term=TRANSFORMATION, uses=("transform.jvp",))
def jvp_options(
    nnx: Any, recipe: Any, primals: Any, tangents: Any, wraps: Any, has_aux: bool, out: int, form: str
) -> Claims:
    """On functions of plain arrays `jvp`, with and without `has_aux`, in one step, of a function alone and as a
    decorator, agrees with `jax.jvp`, in a mode that offers it.
    """
    yield from jvp_agrees(nnx, recipe, primals, tangents, wraps, has_aux, out, form)


@law("jvp.bad-options", term=TRANSFORMATION, uses=("transform.jvp",))
def jvp_bad_options(nnx: Any, primals: Any, tangents: Any, has_aux: bool, fault: str) -> Claims:
    """What `jax.jvp` refuses is refused by `jvp` with the same builtin category: tangents of another number, structure,
    shape or dtype than the primals.
    """
    wrong = tuple({"k": value} for value in tangents) if fault == "structure" else tangents
    yield from jvp_agrees(nnx, (1, 4), primals, wrong, (0,) * 3, has_aux, 0, "call")
    two = jnp.float32(2)
    came = offered(nnx, lambda: nnx.jvp(lambda x: x * x, (two,), (two,)))
    yield Eq(came, (two * 2, two * 4), "and the next call works")


def told(cotangents: Any) -> Any:
    """Cotangents with words for zeros of the dtype float0, which jax holds now in numpy's arrays and now in its own."""
    return jax.tree.map(lambda x: f"float0{x.shape}" if x.dtype == jax.dtypes.float0 else x, cotangents)


def vjp_agrees(
    nnx: Any, recipe: Any, primals: Any, cotangents: Any, wraps: Any, options: Any, out: int, form: str
) -> Claims:
    """The claims of both laws of vjp."""
    made = dict(options)
    primals = tuple(packed(how, value) for how, value in zip(wraps, primals, strict=False))

    def f(*parts: Any) -> Any:
        value = mix(recipe, parts)
        return (answer(out, value), value + 2) if made.get("has_aux") else answer(out, value)

    def lifted() -> Any:
        if form == "decorator":
            return nnx.vjp(**made)(f)(*primals)
        if form == "function":
            return nnx.vjp(f, **made)(*primals)
        return nnx.vjp(f, *primals, **made)

    def run(both: Any) -> Any:
        value, pull_back, *aux = both
        return value, [told(pull_back(answer(out, cotangent))) for cotangent in cotangents], aux

    yield from agree(lambda: offered(nnx, lambda: run(lifted())), lambda: run(jax.vjp(f, *primals, **made)))


@law("vjp.options", term=TRANSFORMATION, uses=("transform.vjp",))
def vjp_options(
    nnx: Any, recipe: Any, primals: Any, cotangents: Any, wraps: Any, options: Any, out: int, form: str
) -> Claims:
    """On functions of plain arrays `vjp` with any combination of its options agrees with `jax.vjp`, and its pullback
    can be called more than once, in a mode that offers it.

    The options: `has_aux`, `reduce_axes`; in one step, of a function alone and as a decorator.
    """
    yield from vjp_agrees(nnx, recipe, primals, cotangents, wraps, options, out, form)


@law("vjp.bad-options", term=TRANSFORMATION, uses=("transform.vjp",))
def vjp_bad_options(nnx: Any, primals: Any, cotangents: Any, options: Any, fault: str) -> Claims:
    """What `jax.vjp` and its pullback refuse is refused by `vjp` with the same builtin category: cotangents of another
    structure, shape or dtype than the output, a missing aux.
    """
    if fault == "no-aux":
        yield from agree(
            lambda: offered(nnx, lambda: nnx.vjp(lambda x: x * 2, primals[0], has_aux=True)),
            lambda: jax.vjp(lambda x: x * 2, primals[0], has_aux=True),
        )
    elif fault == "structure":
        given = (cotangents[0], cotangents[0])
        yield from agree(
            lambda: offered(nnx, lambda: nnx.vjp(lambda x: x * 2, primals[0])[1](given)),
            lambda: jax.vjp(lambda x: x * 2, primals[0])[1](given),
        )
    else:
        yield from vjp_agrees(nnx, (1, 4), primals, cotangents, (0,) * 3, options, 0, "call")
    two = jnp.float32(2)
    yield Eq(offered(nnx, lambda: nnx.vjp(lambda x: x * x, two)[1](two)), (two * 4,), "and the next call works")


def custom_agrees(nnx: Any, recipe: Any, nondiff: Any, count: int, factor: int, seed: int, decorator: bool) -> Claims:
    """The claims of both laws of custom_vjp."""
    args = [i + 2 if i in nondiff else array((2,), seed + i) for i in range(count)]
    rest = [i for i in range(count) if i not in nondiff]

    def f(*parts: Any) -> Any:
        return mix(recipe, parts)

    def forward(*parts: Any) -> Any:
        return f(*parts), (parts[rest[0]], seed)

    def backward(*parts: Any) -> Any:
        *static, (kept, number), cotangent = parts
        return tuple(cotangent * kept * factor + number + sum(static) + i for i in range(len(rest)))

    def backward_lifted(*parts: Any) -> Any:
        *static, kept, (_, cotangent) = parts
        return backward(*static, kept, cotangent)

    def run(transform: Any, rule: Any, *, is_decorator: bool) -> Any:
        if is_decorator:
            made = transform(nondiff_argnums=nondiff)(f)
        else:
            made = transform(f, nondiff_argnums=nondiff)
        made.defvjp(forward, rule)
        return made(*args), jax.grad(lambda *parts: jnp.sum(made(*parts) * 2), argnums=tuple(rest))(*args)

    yield from agree(
        lambda: run(nnx.custom_vjp, backward_lifted, is_decorator=decorator),
        lambda: run(jax.custom_vjp, backward, is_decorator=False),
    )


@law("custom-vjp.options", term=TRANSFORMATION, uses=("transform.custom-vjp",))
def custom_vjp_options(
    nnx: Any, recipe: Any, nondiff: Any, count: int, factor: int, seed: int, decorator: bool
) -> Claims:
    """On functions of plain arrays `custom_vjp` with any `nondiff_argnums` agrees with `jax.custom_vjp`, where the
    backward rule finds the cotangent of the output beside those of the updates.
    """
    yield from custom_agrees(nnx, recipe, nondiff, count, factor, seed, decorator)


LAWS: tuple[Law, ...] = (
    jvp_options,
    jvp_bad_options,
    vjp_options,
    vjp_bad_options,
    custom_vjp_options,
)
