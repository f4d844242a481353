"""Laws of random streams in tree mode."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq, Refused
from ...law import SHOULD, Law, law
from ...observation import observe
from ...streams import snapshot
from ...terms import PRNG_STATES
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


LAWS: tuple[Law, ...] = (functional_forms_pure, with_rngs_rules)
