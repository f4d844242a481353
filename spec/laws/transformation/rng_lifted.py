"""Laws of random streams under lifted transforms: which keys each lane and iteration draws, and what counts outside."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...apart import apart
from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import observe
from ...streams import folded, seed_key, snapshot
from ...terms import TRANSFORMATION


def data(keys: Any) -> Any:
    """Key data, so that keys can be stacked, sliced and compared as numbers."""
    return jax.random.key_data(keys)


def drawn(keys: list[Any]) -> Any:
    """The data of several keys, stacked."""
    return jnp.stack([data(key) for key in keys])


def model(nnx: Any, seed: int, draws: int) -> Any:
    """A Module with two streams, one of which was used before, and a Param without lanes."""

    Model = module_class(nnx, "Model")

    m = Model()
    m.rngs = nnx.Rngs(noise=seed, other=seed + 1)
    m.w = nnx.Param(jnp.zeros(2))
    for _ in range(draws):
        m.rngs.noise()
    return m


@law("rng.lifted-vmap-lanes", term=TRANSFORMATION, level=SHOULD, uses=("transform.vmap", "rng.split", "rng.fold-in"))
def lifted_vmap_lanes(nnx: Any, seed: int, before: int, lanes: int, draws: int, nested: bool) -> Claims:
    """Under the lifted vmap an Rngs with axis None gives every lane the same keys and advances the count once for each
    draw, keys split on axis 0 give each lane its own, and a scalar Rngs under axis 0 is refused with ValueError.
    """

    def body(rngs: Any, i: Any) -> Any:
        return drawn([rngs.noise() for _ in range(draws)])

    rngs = nnx.Rngs(noise=seed)
    for _ in range(before):
        rngs.noise()
    numbers = jnp.arange(lanes)
    run = nnx.vmap(body, in_axes=(0, 0))
    yield Refused(ValueError, lambda: apart(lambda: run(rngs, numbers)), (rngs,), "a scalar Rngs under axis 0")
    same = nnx.vmap(body, in_axes=(None, 0))(rngs, numbers)
    keys = [folded(jax.random.key(seed), before + k) for k in range(draws)]
    yield Eq(same, jnp.stack([drawn(keys)] * lanes), "axis None: the same keys in every lane")
    yield Eq(snapshot(rngs), {"noise": (jax.random.key(seed), jnp.uint32(before + draws))}, "axis None: the count")
    if nested:
        split = rngs.split((lanes, 2))
        first = split.noise.key.get_value()
        came = nnx.vmap(nnx.vmap(body, in_axes=(0, None)), in_axes=(0, 0))(split, numbers)
        expected = jnp.stack(
            [jnp.stack([drawn([folded(first[i, j], k) for k in range(draws)]) for j in range(2)]) for i in range(lanes)]
        )
    else:
        split = rngs.split(lanes)
        first = split.noise.key.get_value()
        came = run(split, numbers)
        expected = jnp.stack([drawn([folded(first[i], k) for k in range(draws)]) for i in range(lanes)])
    yield Eq(came, expected, "split keys: each lane its own")
    counts = jnp.full((lanes, 2) if nested else (lanes,), draws, "uint32")
    yield Eq(snapshot(split), {"noise": (first, counts)}, "split keys: keys and counts afterwards")


ONCE = ("jit", "remat", "grad", "cond", "switch", "checkify", "jit of vmap", "jit of scan")
"""Transforms whose body runs once, or as often as the index says."""


@law(
    "rng.lifted-deterministic",
    term=TRANSFORMATION,
    uses=("transform.jit", "rng.fold-in"),
    reason="The clause of rng.deterministic on lifted transforms.",
)
def lifted_deterministic(nnx: Any, streams: Any, draws: Any, transform: str) -> Claims:
    """The sequence of keys under a lifted transform is that of the eager run, and the counts outside advance as far."""
    wanted = [name for name in draws if name in dict(streams)] or [streams[0][0]]
    eager, rngs = nnx.Rngs(**dict(streams)), nnx.Rngs(**dict(streams))
    keys = [data(eager[name]()) for name in wanted]

    def body(rngs: Any, x: Any) -> Any:
        return [data(rngs[name]()) for name in wanted]

    def loss(x: Any, rngs: Any) -> Any:
        return x * 2, body(rngs, x)

    x = jnp.float32(1)
    match transform:
        case "jit":
            came = nnx.jit(body)(rngs, x)
        case "remat":
            came = nnx.remat(body)(rngs, x)
        case "grad":
            came = nnx.grad(loss, has_aux=True)(x, rngs)[1]
        case "cond":
            came = nnx.cond(x > 0, body, lambda rngs, x: body(rngs, x), rngs, x)
        case "switch":
            came = nnx.switch(jnp.int32(1), (body, lambda rngs, x: body(rngs, x)), rngs, x)
        case "checkify":
            came = nnx.checkify(body)(rngs, x)[1]
        case "jit of vmap":
            lanes = nnx.jit(lambda rngs, xs: nnx.vmap(body, in_axes=(None, 0))(rngs, xs))(rngs, jnp.ones(2))
            yield Eq([lane[0] for lane in lanes], [lane[1] for lane in lanes], "both lanes")
            came = [lane[0] for lane in lanes]
        case _:
            axes = (nnx.Carry, 0)
            loop = nnx.scan(lambda rngs, x: (rngs, body(rngs, x)), in_axes=axes, out_axes=axes)
            came = [each[0] for each in nnx.jit(lambda rngs, xs: loop(rngs, xs)[1])(rngs, jnp.ones(1))]
    yield Eq(came, keys, f"{transform}: keys")
    yield Eq(snapshot(rngs), snapshot(eager), f"{transform}: keys and counts afterwards")


@law(
    "rng.split-rngs-lifted",
    term=TRANSFORMATION,
    uses=("split_rngs", "transform.vmap", "transform.scan", "transform.state-axes", "filters", "rng.fold-in"),
    reason="The clause of rng.split-restore on what split_rngs is for: streams split around vmap and scan.",
)
def split_rngs_lifted(nnx: Any, seed: int, before: int, draws: int, how: str, transform: str, only: bool) -> Claims:
    """Streams split by split_rngs around a lifted vmap or scan give each lane or iteration the keys of its own split,
    and afterwards the key is the original and the count the original plus one, also through an exception.
    """
    m = model(nnx, seed, before)
    held = observe(nnx, m.w)
    lanes = 3
    numbers = jnp.arange(lanes)
    axes = nnx.StateAxes({"noise": 0, ...: None} if only else {nnx.RngState: 0, ...: None})
    options = {"splits": lanes, "only": "noise"} if only else {"splits": lanes}

    def body(m: Any, i: Any) -> Any:
        if how == "exception":
            raise RuntimeError("on purpose")
        return drawn([m.rngs.noise() for _ in range(draws)])

    lift = nnx.vmap if transform == "vmap" else nnx.scan
    inner = lift(body, in_axes=(axes, 0), out_axes=0)

    def run() -> Any:
        if how == "decorator":
            return nnx.split_rngs(**options)(inner)(m, numbers)
        with nnx.split_rngs(m, **options):
            return inner(m, numbers)

    parent = folded(jax.random.key(seed), before)
    split = jax.random.split(parent, lanes)
    if how == "exception":
        yield Refused(RuntimeError, run, (), f"{transform}: the exception comes out")
    else:
        expected = jnp.stack([drawn([folded(split[i], k) for k in range(draws)]) for i in range(lanes)])
        yield Eq(run(), expected, f"{transform}, {how}: the keys of each lane")
    after = {
        "noise": (jax.random.key(seed), jnp.uint32(before + 1)),
        "other": (jax.random.key(seed + 1), jnp.uint32(0 if only else 1)),
    }
    yield Eq(snapshot(m.rngs), after, f"{transform}, {how}: keys and counts afterwards")
    yield Eq(m.w, held, f"{transform}, {how}: the rest")


@law(
    "rng.fork-rngs-lifted",
    term=TRANSFORMATION,
    uses=("fork_rngs", "rng.fork", "transform.vmap", "transform.state-axes", "filters", "rng.fold-in"),
    reason="The clause of rng.fork-first-match on lifted transforms.",
)
def fork_rngs_lifted(nnx: Any, seed: int, before: int, draws: int, how: str, split: bool) -> Claims:
    """Streams forked by fork_rngs around a lifted vmap give all lanes the draws of one fork, those that it splits as
    well give each lane its own, and afterwards keys and shapes are the original ones, with counts one up.
    """
    m = model(nnx, seed, before)
    lanes = 2
    rules = {"noise": lanes if split else None, "other": None}
    axes = nnx.StateAxes({"noise": 0 if split else None, ...: None})

    def body(m: Any, i: Any) -> Any:
        return drawn([m.rngs.noise() for _ in range(draws)]), data(m.rngs.other())

    inner = nnx.vmap(body, in_axes=(axes, 0))
    if how == "decorator":
        came = nnx.fork_rngs(split=rules)(inner)(m, jnp.arange(lanes))
    else:
        with nnx.fork_rngs(m, split=rules):
            came = inner(m, jnp.arange(lanes))
    parent = folded(jax.random.key(seed), before)
    keys = jax.random.split(parent, lanes) if split else [parent] * lanes
    expected = jnp.stack([drawn([folded(keys[i], k) for k in range(draws)]) for i in range(lanes)])
    other = data(folded(folded(jax.random.key(seed + 1), 0), 0))
    yield Eq(came, (expected, jnp.stack([other] * lanes)), f"{how}: the keys of each lane")
    after = {
        "noise": (jax.random.key(seed), jnp.uint32(before + 1)),
        "other": (seed_key(seed + 1), jnp.uint32(1)),
    }
    yield Eq(snapshot(m.rngs), after, f"{how}: keys and counts afterwards")


LAWS: tuple[Law, ...] = (
    lifted_vmap_lanes,
    lifted_deterministic,
    split_rngs_lifted,
    fork_rngs_lifted,
)
