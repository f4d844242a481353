"""Options of `grad`, `value_and_grad` and `remat`."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name

from ....claims import Claims, Eq, Refused
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, answer, array, mix, packed


def transformed(transform: Any, f: Any, options: dict[str, Any], decorator: bool) -> Any:
    """A transformed function, made in one step or with the transform as a decorator that has arguments."""
    return transform(**options)(f) if decorator else transform(f, **options)


def grad_agrees(nnx: Any, name: str, recipe: Any, case: Any, decorator: bool) -> Claims:
    """The claims of the laws of grad and value_and_grad."""
    args, wraps, options, named, out = case
    made = dict(options)
    values = tuple(packed(how, value) for how, value in zip(wraps, args, strict=True))
    first, last = values[: len(values) - named], values[len(values) - named :]
    names = ("x", "y", "z", "w")
    by_name = dict(zip(names[len(first) :], last, strict=False))

    def g(*parts: Any) -> Any:
        value = mix(recipe, parts)
        loss = value if out >= 4 else jnp.sum(value)
        return (loss, answer(out, value)) if made.get("has_aux") else loss

    # one for each number of arguments, so that none has a default, and all can be given by name
    functions = (lambda x: g(x), lambda x, y: g(x, y), lambda x, y, z: g(x, y, z), lambda x, y, z, w: g(x, y, z, w))
    f: Any = functions[len(values) - 1]

    mine, own = (nnx.grad, jax.grad) if name == "grad" else (nnx.value_and_grad, jax.value_and_grad)
    # jax's own are no decorators with arguments
    yield from agree(
        lambda: transformed(mine, f, made, decorator)(*first, **by_name),
        lambda: own(f, **made)(*first, **by_name),
    )


@law("grad.options", term=TRANSFORMATION, uses=("transform.grad",))
def grad_options(nnx: Any, recipe: Any, case: Any, decorator: bool) -> Claims:
    """On functions of plain arrays `grad` with any combination of its options agrees with `jax.grad`.

    The options: `argnums` as an int (negative too) or several in any order, `has_aux`, `holomorphic`, `allow_int`,
    `reduce_axes`; arguments in containers and by name.
    """
    yield from grad_agrees(nnx, "grad", recipe, case, decorator)


@law("value-and-grad.options", term=TRANSFORMATION, uses=("transform.grad",))
def value_and_grad_options(nnx: Any, recipe: Any, case: Any, decorator: bool) -> Claims:
    """On functions of plain arrays `value_and_grad` with any combination of its options agrees with
    `jax.value_and_grad`.
    """
    yield from grad_agrees(nnx, "value_and_grad", recipe, case, decorator)


@law("grad.bad-options", term=TRANSFORMATION, uses=("transform.grad",))
def grad_bad_options(nnx: Any, name: str, args: Any, options: Any, out: int, fault: str) -> Claims:
    """What `jax.grad` and `jax.value_and_grad` refuse is refused by the lifted ones with the same builtin category:
    argnums out of range or of another type, a loss that is no scalar, a missing aux, integers without `allow_int`,
    real numbers with `holomorphic`.
    """
    if fault == "no-aux":  # the function returns the loss alone
        own = jax.grad if name == "grad" else jax.value_and_grad
        mine = nnx.grad if name == "grad" else nnx.value_and_grad
        yield from agree(
            lambda: mine(lambda x: jnp.sum(x), has_aux=True)(args[0]),
            lambda: own(lambda x: jnp.sum(x), has_aux=True)(args[0]),
        )
    else:
        yield from grad_agrees(nnx, name, (1, 4), (args, (0,) * len(args), options, 0, out), False)
    for number in (1, -2):  # releases of jax differ in which
        one: Any = nnx.grad(lambda x: jnp.sum(x), argnums=number)
        yield Refused((TypeError, ValueError), lambda one=one: one(args[0]), about=f"argnums={number} of 1 argument")  # type: ignore[misc]  # bound now
    yield Eq(nnx.grad(lambda x: x * x)(jnp.float32(3)), jnp.float32(6), "and the next call works")


POLICIES = {
    "everything": jax.checkpoint_policies.everything_saveable,
    "nothing": jax.checkpoint_policies.nothing_saveable,
    "dots": jax.checkpoint_policies.dots_saveable,
    "named": jax.checkpoint_policies.save_only_these_names("kept"),
    "others": jax.checkpoint_policies.save_any_names_but_these("kept"),
}
"""Policies of checkpointing by name."""


def remat_agrees(nnx: Any, recipe: Any, seed: int, case: Any, decorator: bool) -> Claims:
    """The claims of both laws of remat."""
    options, values, named, decides = case
    made = dict(options)
    if "policy" in made:
        made["policy"] = POLICIES[made["policy"]]
    x = array((2, 2), seed)

    def run(transform: Any, *, is_decorator: bool) -> Any:
        static: list[Any] = []

        def f(x: Any, times: Any, y: Any, up: Any = True) -> Any:
            static.append([isinstance(value, jax.core.Tracer) for value in (x, times, y, up)])
            kept: Any = checkpoint_name(jnp.sin(x), "kept")  # type: ignore[no-untyped-call]  # jax does not say
            h = kept @ y
            value = mix(recipe, h, jnp.sin(h)) * times
            return jnp.sum(jnp.where(bool(up) if decides else up, value, -value))

        if is_decorator:
            g = transform(**made)(f)
        else:
            g = transform(f, **made)
        call = functools.partial(g, up=values[1]) if named else g
        rest = () if named else (values[1],)

        def both(x: Any, y: Any) -> Any:
            return jax.value_and_grad(lambda x: call(x, values[0], y, *rest))(x)

        text = str(jax.make_jaxpr(both)(x, x + 1))
        barriers = jax.jit(both).lower(x, x + 1).as_text().count("optimization_barrier") > 0
        return both(x, x + 1), static[-1], [text.count(f" {word} ") for word in ("sin", "cos", "dot_general")], barriers

    yield from agree(lambda: run(nnx.remat, is_decorator=decorator), lambda: run(jax.checkpoint, is_decorator=False))


@law("remat.options", term=TRANSFORMATION, uses=("transform.remat",))
def remat_options(nnx: Any, recipe: Any, seed: int, case: Any, decorator: bool) -> Claims:
    """On functions of plain arrays `remat` with any combination of its options agrees with `jax.checkpoint`: in value
    and gradient, in how often an operation is computed again, and in whether the compiler may undo that.

    The options: `policy`, `prevent_cse`, `static_argnums` (negative ones too); arguments by name.
    """
    yield from remat_agrees(nnx, recipe, seed, case, decorator)


@law("remat.bad-options", term=TRANSFORMATION, uses=("transform.remat",))
def remat_bad_options(nnx: Any, case: Any) -> Claims:
    """What `jax.checkpoint` refuses is refused by `remat` with the same builtin category: static arguments out of
    range or no ints, and Python decisions on arguments that are not static.
    """
    yield from remat_agrees(nnx, (1,), 0, case, False)
    yield Eq(nnx.remat(lambda x: x * x)(jnp.float32(3)), jnp.float32(9), "and the next call works")


LAWS: tuple[Law, ...] = (
    grad_options,
    value_and_grad_options,
    grad_bad_options,
    remat_options,
    remat_bad_options,
)
