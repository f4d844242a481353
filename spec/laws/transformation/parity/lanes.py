"""Options of `vmap`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, array, mix


def stacked(lane: tuple[int, ...], axis: int | None, size: int, seed: int) -> jax.Array:
    """An array that has `size` lanes along an axis, or none."""
    if axis is None:
        return array(lane, seed)
    at = axis % (len(lane) + 1)
    return array((*lane[:at], size, *lane[at:]), seed)


def arguments(lane: tuple[int, ...], axes: Any, size: int, seed: int) -> list[Any]:
    """An array for each axis; a tuple of axes stands for a container, of a kind that depends on the place."""
    found: list[Any] = []
    for i, axis in enumerate(axes):
        if isinstance(axis, tuple):
            inner = tuple(stacked(lane, one, size, seed + i + k) for k, one in enumerate(axis))
            found.append(contained(i, inner))
        else:
            found.append(stacked(lane, axis, size, seed + i))
    return found


def contained(number: int, values: tuple[Any, ...]) -> Any:
    """Values in a tuple, a list or a dict."""
    return (values, list(values), {f"k{i}": value for i, value in enumerate(values)})[number % 3]


def axes_for(axes: Any, form: str) -> Any:
    """The axes as the transform takes them: nested like the values, as a tuple or a list, or one alone."""
    if form == "single":
        return axes[0]
    nested = tuple(contained(i, axis) if isinstance(axis, tuple) else axis for i, axis in enumerate(axes))
    return list(nested) if form == "list" else nested


@law("vmap.options", term=TRANSFORMATION, uses=("transform.vmap",))
def vmap_options(nnx: Any, recipe: Any, case: Any, decorator: bool) -> Claims:
    """On functions of plain arrays `vmap` with any combination of its options agrees with `jax.vmap`.

    The options: `in_axes` and `out_axes`, negative, None, one for all or nested in containers, `axis_size`,
    `axis_name` with collectives, `spmd_axis_name`. Keyword arguments are left out: jax maps them over their first
    axis, and NNX does not say.
    """
    lane, inputs, outputs, form, size, options, collective = case
    made = dict(options) | {"in_axes": axes_for(inputs, form)}
    if outputs:
        made["out_axes"] = axes_for(outputs, "single" if len(outputs) == 1 else "tuple")
    if form == "single":
        inputs = (inputs[0],) * 2
    args = arguments(lane, inputs, size, 1)

    def f(*parts: Any) -> Any:
        value = mix(recipe, parts)
        if collective == "psum":
            value = value + jax.lax.psum(value, "i")  # type: ignore[no-untyped-call]  # jax does not say
        elif collective == "pmax":
            value = value * jax.lax.pmax(value, "i")  # type: ignore[no-untyped-call]  # as above
        elif collective == "index":
            value = value + jax.lax.axis_index("i")
        elif collective == "gather":
            value = value + jnp.sum(jax.lax.all_gather(value, "i"))

        def output(axis: Any, number: int) -> Any:
            if isinstance(axis, tuple):
                return contained(number, tuple(output(one, 0) for one in axis))
            if axis is None and collective != "none":
                return jax.lax.psum(value, "i")  # type: ignore[no-untyped-call]  # as above
            return jnp.ones(lane) if axis is None else value + number

        found = tuple(output(axis, i) for i, axis in enumerate(outputs or (0,)))
        return found[0] if len(found) == 1 else found

    def lifted() -> Any:
        mapped = nnx.vmap(**made)(f) if decorator else nnx.vmap(f, **made)
        return mapped(*args)

    yield from agree(lifted, lambda: jax.vmap(f, **made)(*args))


@law("vmap.bad-options", term=TRANSFORMATION, uses=("transform.vmap",))
def vmap_bad_options(nnx: Any, case: Any) -> Claims:
    """What `jax.vmap` refuses is refused by `vmap` with the same builtin category: axes out of range, of another
    number, structure or type, lanes that differ in number, none at all, output without axis that differs by lane.
    """
    lane, inputs, outputs, options, fault = case
    made = dict(options)

    def f(*parts: Any) -> Any:
        value = mix((1, 3), parts)
        return value if len(outputs) < 2 else (value,) * len(outputs)

    args = [array((3, *lane), i) for i in range(2)]
    made["in_axes"] = inputs[0] if fault == "single" else inputs
    made["out_axes"] = outputs[0] if len(outputs) == 1 else outputs
    if fault == "ragged":
        args[1] = array((2, *lane), 0)
    elif fault == "structure":
        made["in_axes"] = ((0, 0), 0)
    elif fault == "keys":
        made["in_axes"], args = ({"a": 0}, 0), [{"b": args[0]}, args[1]]  # type: ignore[list-item]  # a dict too
    yield from agree(lambda: nnx.vmap(f, **made)(*args), lambda: jax.vmap(f, **made)(*args))
    one = jnp.ones(2)
    yield Eq(nnx.vmap(lambda x: x + x)(one), one + one, "and the next call works")


LAWS: tuple[Law, ...] = (vmap_options, vmap_bad_options)
