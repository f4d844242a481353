"""Laws of random streams in tree mode."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...apart import apart
from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...filtering import live_filter
from ...law import SHOULD, Law, law
from ...observation import observe
from ...streams import folded, snapshot
from ...terms import PRNG_STATES
from .lifts import all_streams, as_shape, is_chosen, pair
from .splitting import advance


@law("rng.functional-forms-pure", term=PRNG_STATES, uses=("tree-mode", "split_rngs", "fork_rngs"), tags=("tree",))
def functional_forms_pure(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], operation: str) -> Claims:
    """The forms of split_rngs and fork_rngs without graph updates return a new structure and leave the original
    unchanged in keys, counts and shapes.
    """
    rngs = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    held, before = observe(nnx, rngs), snapshot(rngs)
    if operation == "split":
        came = nnx.split_rngs(rngs, splits=2, graph=False, graph_updates=False)
    else:
        came = nnx.fork_rngs(rngs, graph=False, graph_updates=False)
    yield Eq(observe(nnx, rngs), held, "the original")
    yield Eq(came is rngs, False, "a new structure")
    yield Eq(sorted(came), sorted(before), "with the same streams")


def given(function: Any, options: dict[str, Any], node: Any, how: str) -> Any:
    """What a form of `split_rngs` and its like gives for a node; as a decorator what the function gets."""
    if how == "node":
        return function(node, **options)
    decorated = function(**options)(lambda node: node)
    return decorated(node=node) if how == "decorator by name" else decorated(node)


@law(
    "rng.functional-filters",
    term=PRNG_STATES,
    uses=("tree-mode", "split_rngs", "fork_rngs", "metadata.names"),
    tags=("tree",),
)
def functional_filters(
    nnx: Any,
    streams: tuple[Any, ...],
    draws: tuple[str, ...],
    only: Any,
    splits: Any,
    operation: str,
    how: str,
    mode: str,
) -> Claims:
    """Without graph updates, split_rngs and fork_rngs choose streams by filters, also by path, and split them as in
    place: a filter has to match both key and count, and the other streams are as they were. As decorators they give
    such a structure to the function, by position or by name, as it was given.

    Whether the original stays as it is, is for rng.functional-forms-pure.
    """

    Two = module_class(nnx, "Two")

    two = Two()
    two.first, two.second = nnx.Rngs(**dict(streams)), nnx.Rngs(**dict(streams))
    advance(two.second, draws)
    live, squeeze = live_filter(nnx, only), operation == "squeeze"
    wanted = {path: pair(stream) for path, stream in all_streams(nnx, two).items()}
    for path, stream in all_streams(nnx, two).items():
        if is_chosen(nnx, only, path, stream):
            key = jax.random.split(folded(wanted[path][0], int(wanted[path][1])), 1 if squeeze else as_shape(splits))
            key = key[0] if squeeze else key
            wanted[path] = key, jnp.zeros(key.shape, "uint32")
    options: dict[str, Any] = {"graph": mode == "graph", "graph_updates": False}
    if operation == "fork":
        function, options = nnx.fork_rngs, options | {"split": {live: splits}}
    else:
        function, options = nnx.split_rngs, options | {"only": live, "splits": 1 if squeeze else splits}
        options["squeeze"] = squeeze
    came = given(function, options, two, how)
    yield Eq({path: pair(stream) for path, stream in all_streams(nnx, came).items()}, wanted, "streams")
    for path, stream in all_streams(nnx, came).items():
        tags = [each.get_metadata("tag", None) for each in (stream.key, stream.count)]
        yield Eq(tags, [path[-1]] * 2, f"tags of {path}")


@law(
    "rng.functional-graph",
    term=PRNG_STATES,
    uses=("tree-mode", "split_rngs", "fork_rngs", "with_rngs"),
    tags=("tree",),
)
def functional_graph(nnx: Any, streams: tuple[Any, ...], operation: str, how: str) -> Claims:
    """The argument `graph` of the forms without graph updates goes before the mode in force: with graphs a shared Rngs
    is split or forked once and shared in the result, and without it is refused with ValueError.
    """

    Two = module_class(nnx, "Two")

    def run(*, graph: bool) -> Any:
        two = Two()
        two.first = two.second = nnx.Rngs(**dict(streams))
        options: dict[str, Any] = {"graph": graph, "graph_updates": False}
        match operation:
            case "split_rngs":
                function, options = nnx.split_rngs, options | {"splits": 2}
            case "fork_rngs":
                function = nnx.fork_rngs
            case _:
                function, options = nnx.with_rngs, options | {"split": 2}
        with nnx.set_graph_mode(not graph):
            return given(function, options, two, how)

    came = run(graph=True)
    keys = {name: folded(key, int(count)) for name, (key, count) in snapshot(nnx.Rngs(**dict(streams))).items()}
    wanted = keys if operation == "fork_rngs" else {name: jax.random.split(key, 2) for name, key in keys.items()}
    yield Eq({name: key for name, (key, _) in snapshot(came.first).items()}, wanted, "streams, with graphs")
    yield Eq(came.first is came.second, True, "whether they are shared, with graphs")
    yield Refused(ValueError, lambda: apart(lambda: run(graph=False)), about="shared, without graphs")


@law(
    "rng.with-rngs-rules",
    term=PRNG_STATES,
    level=SHOULD,
    uses=("tree-mode", "with_rngs"),
    tags=("tree",),
    reason="A specific fork against a catch-all split is left out: the documentation gives such streams to the split.",
)
def with_rngs_rules(nnx: Any, streams: tuple[Any, ...], shape: Any) -> Claims:
    """In with_rngs a specific rule beats the catch-all, a stream matched by two specific rules is refused with
    ValueError, and a mode that does not offer with_rngs refuses with NotImplementedError.
    """
    name = streams[0][0]
    made = dict(streams)
    full = shape if isinstance(shape, tuple) else (shape,)
    pairs = (
        ({"split": {name: shape}, "fork": ...}, full, ()),
        ({"split": {...: shape}, "broadcast": {name: (5,)}}, (5,), full),
        ({"split": {name: shape}, "broadcast": {...: (5,)}}, full, (5,)),
    )
    for rules, mine, rest in pairs:
        came = nnx.with_rngs(nnx.Rngs(**made), **rules, graph=False, graph_updates=False)
        for other, stream in came.items():
            wanted = mine if other == name else rest
            yield Eq(stream.key.get_value().shape, wanted, f"stream {other} under {sorted(rules)}, {name} specific")
    for mode in ({"graph": False}, {"graph_updates": False}):
        came = nnx.with_rngs(nnx.Rngs(**made), split=shape, **mode)
        shapes = {other: stream.key.get_value().shape for other, stream in came.items()}
        yield Eq(shapes, dict.fromkeys(made, full), f"all streams split, with {mode}")
    rngs = nnx.Rngs(**made)
    both = {"split": {name: shape}, "fork": name}
    yield Refused(ValueError, lambda: nnx.with_rngs(rngs, **both, graph=False, graph_updates=False), (), "two rules")
    refused = NotImplementedError
    yield Refused(refused, lambda: nnx.with_rngs(rngs, split=2, graph=True, graph_updates=True), (rngs,), "graph mode")


LAWS: tuple[Law, ...] = (functional_forms_pure, functional_filters, functional_graph, with_rngs_rules)
