"""Options of `scan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ....claims import Claims, Eq
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, array, mix, packed
from .lanes import stacked

CARRY = "carry"
"""Stands for `Carry` among the axes, which are data."""


def plain_scan(f: Callable[..., Any], inputs: Any, outputs: Any, args: Any, options: dict[str, Any]) -> Any:
    """The meaning of the axes of scan in terms of `jax.lax.scan`; axes are ints, None and `CARRY`."""
    carried = inputs.index(CARRY) if CARRY in inputs else None
    slices = {
        i: jax.tree.map(lambda x, axis=axis: jnp.moveaxis(x, axis, 0), args[i])
        for i, axis in enumerate(inputs)
        if isinstance(axis, int)
    }

    def body(carry: Any, part: Any) -> Any:
        found = f(*[carry if i == carried else part.get(i, args[i]) for i in range(len(args))])
        results = found if len(outputs) > 1 else (found,)
        state = results[outputs.index(CARRY)] if carried is not None else None
        return state, [value for value, axis in zip(results, outputs, strict=True) if axis != CARRY]

    start = None if carried is None else args[carried]
    last, rows = jax.lax.scan(body, start, slices, **options)
    rest = iter(rows)
    found = [
        last if axis == CARRY else jax.tree.map(lambda y, axis=axis: jnp.moveaxis(y, 0, axis), next(rest))
        for axis in outputs
    ]
    return tuple(found) if len(found) > 1 else found[0]


def scan_arguments(lane: Any, inputs: Any, wraps: Any, size: int) -> list[Any]:
    """The arguments for the axes; carries and slices may be in containers."""
    found = []
    for i, axis in enumerate(inputs):
        value = stacked(lane, axis if isinstance(axis, int) else None, size, i + 1)
        found.append(packed(wraps[i % len(wraps)], value))
    return found


@law("scan.options", term=TRANSFORMATION, uses=("transform.scan",))
def scan_options(nnx: Any, recipe: Any, case: Any) -> Claims:
    """On functions of plain arrays `scan` with any combination of its options agrees with `jax.lax.scan`, gradients
    included.

    The options: the place of `Carry` among arguments and outputs, or none; axes of slices, negative ones too, None for
    what every iteration sees; `length`, `reverse`, `unroll`, `_split_transpose`.
    """
    lane, inputs, outputs, wraps, size, options, form = case
    made = dict(options)
    args = scan_arguments(lane, inputs, wraps, size)
    carried = inputs.index(CARRY) if CARRY in inputs else 0

    def f(*parts: Any) -> Any:
        value = mix(recipe, parts) + sum(jax.tree.leaves(parts))
        carry = jax.tree.map(lambda x: ((x * 2 + value) % 7).astype(x.dtype), parts[carried])
        found = tuple(carry if axis == CARRY else value + i for i, axis in enumerate(outputs))
        return found if len(found) > 1 else found[0]

    marked_in, marked_out = (tuple(nnx.Carry if axis == CARRY else axis for axis in axes) for axes in (inputs, outputs))

    def scanned(*args: Any) -> Any:
        axes = {
            "in_axes": marked_in[0] if form == "bare" and inputs == (CARRY,) else marked_in,
            "out_axes": marked_out[0] if len(outputs) == 1 else marked_out,
        }
        if inputs == (CARRY, 0) and outputs == (CARRY, 0) and form == "call":
            return nnx.scan(f, **made)(*args)  # these are the axes where none are given
        if form == "decorator":
            return nnx.scan(**made, **axes)(f)(*args)
        return nnx.scan(f, **made, **axes)(*args)

    def plain(*args: Any) -> Any:
        return plain_scan(f, inputs, outputs, args, made)

    if form == "gradient":

        def loss(function: Any) -> Any:
            return jax.grad(lambda args: sum(jnp.sum(y) for y in jax.tree.leaves(function(*args))))(args)

        yield from agree(lambda: loss(scanned), lambda: loss(plain), "its gradient")
    else:
        yield from agree(lambda: scanned(*args), lambda: plain(*args))


@law("scan.bad-options", term=TRANSFORMATION, uses=("transform.scan",))
def scan_bad_options(nnx: Any, case: Any) -> Claims:
    """What `jax.lax.scan` refuses is refused by `scan` with the same builtin category: lengths that disagree, no length
    at all, axes out of range, an unroll that is no positive number.
    """
    lane, options, fault = case
    made = dict(options)
    inputs: tuple[Any, ...] = (CARRY, {"high": 3, "low": -3}.get(fault, 0))
    outputs: tuple[Any, ...] = (CARRY, {"out-high": 3, "out-low": -4}.get(fault, 0))
    args: list[Any] = [array(lane, 1), array((2, *lane), 2)]
    if fault == "ragged":
        inputs, args = (CARRY, 0, 0), [*args, array((3, *lane), 3)]
    elif fault == "no-length":
        inputs, args = (CARRY,), args[:1]

    def f(carry: Any, *parts: Any) -> Any:
        return carry + 1, mix((0,), carry, parts)

    marked = [tuple(nnx.Carry if axis == CARRY else axis for axis in axes) for axes in (inputs, outputs)]
    yield from agree(
        lambda: nnx.scan(f, in_axes=marked[0], out_axes=marked[1], **made)(*args),
        lambda: plain_scan(f, inputs, outputs, args, made),
    )
    one = jnp.ones(2)
    came = nnx.scan(lambda carry, x: (carry + x, x), in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))(
        jnp.float32(0), one
    )
    yield Eq(came, (jnp.float32(2), one), "and the next call works")


LAWS: tuple[Law, ...] = (scan_options, scan_bad_options)
