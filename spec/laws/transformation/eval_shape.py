"""Laws of `eval_shape`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, attempt
from ...law import Law, law
from ...observation import nodes, observe, walk
from ...terms import TRANSFORMATION


def is_abstract(value: Any) -> bool:
    """Whether a value stands for an array."""
    return isinstance(value, jax.ShapeDtypeStruct)


def held(nnx: Any, root: Any) -> dict[Any, Any]:
    """Every leaf by path, abstract ones included; Variables, each once, by what they hold."""
    return {
        visit.path: visit.value.get_raw_value() if visit.kind == "variable" else visit.value
        for visit in walk(nnx, root)
        if visit.kind == "leaf" or (visit.kind == "variable" and not visit.again) or is_abstract(visit.value)
    }


def shapes(nnx: Any, root: Any) -> dict[Any, Any]:
    """Every leaf by path as jax describes it without its value."""
    return {path: jax.eval_shape(lambda value=value: value) for path, value in held(nnx, root).items()}


def outline(nnx: Any, root: Any) -> list[Any]:
    """What a graph is without its leaves: every arrival with kind, type, metadata or static, and whether it is new."""
    found: list[Any] = []
    for visit in walk(nnx, root):
        kind = "leaf" if is_abstract(visit.value) else visit.kind
        about = nnx.metadata(visit.value) if kind == "variable" else visit.value if kind == "static" else None
        found.append((visit.path, kind, visit.again, type(visit.value) if kind != "leaf" else None, about))
    return found


@law(
    "eval-shape.abstract-result",
    term=TRANSFORMATION,
    uses=("transform.returns-objects", "transform.returned-inputs", "transform.eval-shape", "state"),
)
def abstract_result(nnx: Any, make: Any, how: str) -> Claims:
    """The result of eval_shape is isomorphic to the real result with abstract leaves, keys included, and kept metadata,
    holds no arrays, and with the leaves filled in it is the real result.

    So a model too large for one device is laid out before it is made (documentation page "Scale up on multiple
    devices").
    """
    if how == "constructor":
        came = nnx.eval_shape(make)
    elif how == "argument":
        came = nnx.eval_shape(lambda m: m, make())
    else:
        came = nnx.eval_shape(lambda m: {"m": [m]}, m=make())["m"][0]
    real = make()
    yield Eq(outline(nnx, came), outline(nnx, real), "structure, sharing, types, metadata")
    yield Eq(held(nnx, came), shapes(nnx, real), "leaves")
    graphdef, _ = nnx.split(came)
    yield Eq(nnx.merge(graphdef, nnx.state(real)), make(), "with the real leaves")


@law("eval-shape.no-effects", term=TRANSFORMATION, uses=("transform.eval-shape",))
def no_effects(nnx: Any, p: Any) -> Claims:
    """Under eval_shape a program leaves its inputs as they are, counts included, and what it returns has the shapes of
    the real output, in new objects also where an input is returned.
    """
    eager = p.make()
    expected = attempt(lambda: p.body(jnp.int32(0), *eager))
    args = p.make()
    before = observe(nnx, args)
    came = attempt(lambda: nnx.eval_shape(p.body, jnp.int32(0), *args))
    yield Eq(observe(nnx, args), before, "the inputs")
    yield Eq(came.category, expected.category, "raises where the real run raises")
    if expected.error is None:
        yield Eq(outline(nnx, came.value), outline(nnx, expected.value), "structure of the output")
        yield Eq(held(nnx, came.value), shapes(nnx, expected.value), "shapes of the output")
        mine = {id(node) for node in nodes(nnx, args).values()}
        yield Eq([path for path, x in nodes(nnx, came.value).items() if id(x) in mine], [], "nodes that are inputs")


LAWS: tuple[Law, ...] = (abstract_result, no_effects)
