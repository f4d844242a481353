"""What a program does under transforms is what it does without: one law for one transform, one for several."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...law import Law, law
from ...layers import arguments, eager, lifted, may_depend_on_lane, must_propagate
from ...terms import TRANSFORMATION


def meaning(nnx: Any, layers: tuple[Any, ...], p: Any) -> Claims:
    """The claim that a program under layers does what it does eagerly: arguments afterwards, and output."""
    args = arguments(nnx, layers, p)
    expected = attempt(lambda: eager(nnx, layers, p))
    run = lifted(nnx, layers, p)
    if expected.error is not None:
        # A body that cannot run twice, or lanes that want to leave different values in one place.
        yield Refused(Exception, lambda: run(jnp.int32(0), *args), about="refused, as eagerly")
        return
    after, _, out = expected.value
    free = not must_propagate(layers, p.effects)
    if not free and not may_depend_on_lane(layers, p):
        came = run(jnp.int32(0), *args)
        yield Eq((args, came), (after, out), "arguments and output")
        return
    # The categories in which a loop refuses are the subject of the laws of loops.
    outcome = attempt(lambda: (args, run(jnp.int32(0), *args)))
    yield EqOrRefused(outcome, (after, out), Exception if free else ValueError, about="arguments and output")


@law("transform.transparent", term=TRANSFORMATION)
def transparent(nnx: Any, case: Any) -> Claims:
    """A program under a transform gives the outputs, the values, the structure, the sharing and the statics of its
    inputs that it gives in eager Python, under the transform's own meaning of lanes and iterations.

    This is what NNX's transforms are for: state goes in and out by reference (documentation page "Transforms"). Lane i
    of vmap is the eager run on the i-th slice, and a loop is the Python loop. What a loop body does to references,
    structure, statics and metadata may be refused. A program that raises eagerly, or whose lanes want to leave
    different values in one place, is refused.
    """
    layers, p = case
    yield from meaning(nnx, layers, p)


@law(
    "transform.nested", term=TRANSFORMATION, reason="A law of its own for the nested pairs of `transform.transparent`."
)
def nested(nnx: Any, case: Any) -> Claims:
    """A program under several transforms, one around the other, gives what it gives in eager Python.

    Each transform keeps the promise of the one inside it: `transform.transparent` holds of any stack of them.
    """
    layers, p = case
    yield from meaning(nnx, layers, p)


@law("jit.transparent", term=TRANSFORMATION, uses=("transform.jit",))
def jit_transparent(nnx: Any, case: Any) -> Claims:
    """jit obeys `transform.transparent`, also inside another jit, for Modules in containers and by keyword."""
    layers, p = case
    yield from meaning(nnx, layers, p)
    args, expected = p.make(), p.make()
    names = [f"x{number}" for number in range(len(args))]
    out = nnx.jit(p.body)(i=jnp.int32(0), **dict(zip(names, args, strict=True)))
    came = p.body(jnp.int32(0), *expected)
    yield Eq((args, out), (expected, came), "by keyword")


@law(
    "transform.bare-arrays",
    term=TRANSFORMATION,
    uses=("transform.structure",),
    reason="A clause of `transform.structure-propagates`, apart: a raw array attached as it is, without `data`.",
)
def bare_arrays(nnx: Any, case: Any) -> Claims:
    """A raw array attached to a node inside a transform, without being marked as data, is there outside."""
    layers, p = case
    yield from meaning(nnx, layers, p)


@law(
    "transform.metadata-propagates",
    term=TRANSFORMATION,
    uses=("metadata",),
    reason="The clause of `transform.transparent` on metadata, apart: who loses it is seen to keep the rest.",
)
def metadata_propagates(nnx: Any, case: Any) -> Claims:
    """Metadata that a program sets is there outside, after one transform and after several."""
    layers, p = case
    yield from meaning(nnx, layers, p)


LAWS: tuple[Law, ...] = (transparent, nested, metadata_propagates, jit_transparent, bare_arrays)
