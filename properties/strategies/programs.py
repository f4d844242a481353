"""Strategies for programs, and for stacks of transforms around them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Program, Script, Step

from .graphs import PLAIN, STEPS, graphs

WORLD = (*PLAIN, "numpy", "values", "abstract", "pytree-values", "bare-arrays")
"""Limits for graphs on which programs run: leaves are jax arrays, and every transform can take them."""
LANES = (*WORLD, "weak")
"""Limits for graphs with lanes: stacking makes a weak type strong."""
FLAT_LANES = (*LANES, "scalars", "rngs")
"""Limits for graphs with lanes along an axis other than the first and last: every array has a dimension."""

_WEIGHTS = {
    "add": 4,
    "combine": 3,
    "write-index": 3,
    "vary": 3,
    "change-array": 3,
    "pop-item": 3,
    "sow": 3,
    "container-append": 2,
    "container-pop": 2,
    "read": 2,
    "return": 4,
    "node": 2,
    "variable": 3,
    "array": 2,
    "container": 2,
    "rngs": 2,
    "static": 2,
    "alias": 3,
    "delete": 2,
    "swap": 3,
    "replace": 2,
    "set-value": 3,
    "set-metadata": 2,
    "set-static": 3,
    "draw": 3,
}
_BARRED_BY = {
    "read": ("body-outputs",),
    "return": ("body-outputs", "body-nodes"),
    "vary": ("body-index",),
    "set-static": ("body-statics", "statics"),
    "static": ("body-statics", "statics"),
    "set-metadata": ("body-metadata", "metadata"),
    "draw": ("body-draws", "rngs"),
    "rngs": ("rngs",),
    "array": ("raw-arrays",),
    "change-array": ("raw-arrays",),
    "container": ("containers",),
    "alias": ("sharing", "body-structure"),
    "replace": ("sharing", "body-structure"),
    "swap": ("body-structure",),
    "delete": ("body-structure",),
    "pop-item": ("body-structure",),
    "sow": ("body-structure",),
    "container-append": ("body-structure", "containers"),
    "container-pop": ("body-structure", "containers"),
}


STRUCTURE = (
    "node",
    "variable",
    "array",
    "container",
    "alias",
    "delete",
    "swap",
    "replace",
    "pop-item",
    "static",
    "set-static",
    "change-array",
    "sow",
)
"""Effects on the structure of nodes. A transform cannot see that a plain container is edited before it returns."""


def effects(without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> SearchStrategy[Step]:
    """One step of a body, over what the limits leave."""
    names = [
        name
        for name, weight in _WEIGHTS.items()
        if not set(_BARRED_BY.get(name, ())) & set(without) and (not only or name in only)
        for _ in range(weight)
    ]
    return st.sampled_from(names).flatmap(STEPS.__getitem__)


_FURNITURE = (
    Step("variable", (0, 0, 0, 0, 0, 1, 1)),
    Step("rngs", (0, 1, 2, 1)),
    Step("variable", (0, 2, 1, 0, 1, 0, 2)),
    Step("static", (0, 3, 1)),
    Step("array", (0, 4, 0, 0, 1, 1)),
    Step("variable", (0, 5, 2, 0, 0, 1, 3, 1)),
    Step("node", (0, 6, 2)),
    Step("variable", (0, 0, 0, 0, 3, 1, 1)),
    Step("array", (0, 0, 0, 1, 1, 1)),
    Step("alias", (1, 7, 4)),
    Step("container", (0, 2, 0, 0, 3)),
)
"""What bodies find something to do with, in a root that is a Module: values, streams, a static, arrays, a List."""

_furniture = st.tuples(*[st.integers(0, 3)] * len(_FURNITURE)).map(
    lambda drawn: tuple(step for step, there in zip(_FURNITURE, drawn, strict=True) if there)
)


def programs(
    *without: str,
    world: tuple[str, ...] = WORLD,
    only: tuple[str, ...] = (),
    raising: bool = False,
    max_arguments: int = 3,
    max_steps: int = 24,
    nodes: bool = False,
    more: SearchStrategy[Step] | None = None,
) -> SearchStrategy[Program]:
    """Programs with random effects on random graphs.

    Args:
        without: limits of the body (those of `nnxspec.spec.script.LIMITS` that start with ``body-``, and others).
        world: limits of the graph.
        only: names of the effects to draw from; all if empty.
        raising: whether the body raises in the end.
        max_arguments: how many objects of the graph are passed at most.
        max_steps: how many steps a body has at most.
        nodes: whether all arguments are nodes; from a Variable nothing can be taken away.
        more: steps that the graph is built with beside the others.
    """
    builds = st.builds(
        lambda script, first: Script(script.root, (*first, *script.steps), script.without),
        graphs(*world, max_chunks=1, more=more),
        _furniture,
    )
    # Several lists: one of bounded length is too often empty.
    parts = 1 if max_steps < 6 else 3
    chunk = st.lists(effects((*without, *world), only), max_size=max_steps // parts)
    bodies = st.tuples(*[chunk] * parts).map(lambda parts: tuple(step for part in parts for step in part))
    if raising:
        bodies = bodies.map(lambda steps: (*steps, Step("raise")))
    which = st.sampled_from([n for n in range(24) if n // 4 % 2 == 0]) if nodes else st.integers(0, 23)
    arguments = st.lists(which, min_size=1, max_size=max_arguments).map(tuple)
    return st.builds(Program, builds, arguments, bodies, st.just(tuple(without)))


PLAIN_LAYERS = ("jit", "remat", "checkify", "cond", "switch", "grad")
"""Kinds of layers whose body runs once."""


def layer(kind: str, axes: tuple[Any, ...]) -> SearchStrategy[tuple[Any, ...]]:
    """One layer of `nnxspec.spec.layers`, with axes out of those given."""
    several = st.lists(st.sampled_from(axes), min_size=1, max_size=3).map(tuple)
    sizes = st.integers(2, 3)
    match kind:
        case "grad":
            return st.tuples(st.just(kind), st.integers(0, 1))
        case "vmap":
            return st.tuples(st.just(kind), sizes, several)
        case "scan":
            specs = st.lists(st.sampled_from(("carry", *axes)), min_size=1, max_size=3).map(tuple)
            return st.tuples(st.just(kind), sizes, specs, st.booleans())
        case "fori" | "while":
            return st.tuples(st.just(kind), st.integers(0, 3))
        case _:
            return st.just((kind,))


def limits_for(layers: tuple[tuple[Any, ...], ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Limits of the graph and of the body that come with layers."""
    kinds = {one[0] for one in layers}
    axes = {axis for one in layers if one[0] in ("vmap", "scan") for axis in one[2]}
    world = WORLD if not kinds & {"vmap", "scan"} else FLAT_LANES if axes & {1, -2} else LANES
    # Outputs of lanes and iterations are stacked, so an argument among them would need the axis of its own prefix.
    body = ("body-inputs",) if kinds & {"vmap", "scan", "fori", "while"} else ()
    return world, body


def under(
    layers: SearchStrategy[tuple[tuple[Any, ...], ...]], *without: str, bare: bool = False, **options: Any
) -> SearchStrategy[tuple[tuple[tuple[Any, ...], ...], Program]]:
    """Layers, and a program that they can take, as one input.

    Args:
        layers: stacks of layers.
        without: limits of the body, beside those that the layers bring.
        bare: whether raw arrays may be attached without being marked as data.
        options: those of `programs`.
    """

    def programs_for(chosen: tuple[tuple[Any, ...], ...]) -> Any:
        world, body = limits_for(chosen)
        world = tuple(limit for limit in world if limit != "bare-arrays") if bare else world
        return st.tuples(st.just(chosen), programs(*without, *body, world=world, **options))

    return layers.flatmap(programs_for)


AXES: tuple[Any, ...] = (0, -1, 0, 1, None)
"""Axes of arguments; more often the first one."""
KINDS = (*PLAIN_LAYERS, "vmap", "scan", "fori", "while")
"""Every kind of layer."""


def layers(*kinds: str, depth: int = 1, axes: tuple[Any, ...] = AXES) -> SearchStrategy[tuple[tuple[Any, ...], ...]]:
    """Stacks of exactly `depth` layers of the given kinds (all if none is given)."""
    one = st.sampled_from(kinds or KINDS).flatmap(lambda kind: layer(kind, axes))
    return st.tuples(*[one] * depth).filter(is_possible)


def is_possible(stack: tuple[tuple[Any, ...], ...]) -> bool:
    """Loops without a fixed number of iterations cannot be differentiated in reverse."""
    kinds = [one[0] for one in stack]
    return not ("grad" in kinds and "while" in kinds[kinds.index("grad") :])
