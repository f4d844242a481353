"""Laws of `reseed`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import Law, law
from ...observation import walk
from ...streams import folded, seed_key
from ...terms import PRNG_STATES
from .lifts import all_streams, pair
from .splitting import advance


@law(
    "rng.reseed",
    term=PRNG_STATES,
    uses=("rng.reseed", "rng.split", "rng.fork"),
    reason="The keys of a plain Rngs are left free: the documented example fixes those of a layer's fork.",
)
def reseed(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...], name: str, seed: Any) -> Claims:
    """After reseed(x, s=k) the one stream tagged s of a layer that was made with Rngs(s=k) repeats the keys it handed
    out first; the keys of a plain Rngs depend on k and not on what was drawn before; counts restart; other streams are
    left alone and names that match no stream are ignored; a stream whose key is not scalar is refused with ValueError
    without a policy, and so is an unknown policy. The policy match_shape splits the new key, and a function makes keys
    of path, new key and the shape to match.

    Whether the stream of a plain Rngs gets the seed's key itself, or the first key drawn from it as the fork in a layer
    does, is free. Source: the example in the documentation of `nnx.reseed`, which seeds a model's dropout anew to
    repeat its output.
    """

    Layer = module_class(nnx, "Layer")

    layer = Layer()
    layer.stream = nnx.Rngs(**{name: seed})[name].fork()
    first = [layer.stream() for _ in range(3)]
    nnx.reseed(layer, **{name: seed})
    yield Eq([layer.stream() for _ in range(3)], first, "a layer repeats its first keys")
    rngs = nnx.Rngs(**dict(streams))
    twin = nnx.Rngs(**dict(streams))
    advance(rngs, draws)
    others = {n: pair(rngs[n]) for n in rngs if n != name}
    nnx.reseed(rngs, **{name: seed})
    nnx.reseed(twin, **{name: seed})
    if name in rngs:
        yield Eq(rngs[name].count.get_value(), jnp.zeros((), "uint32"), "the count restarts")
        yield Eq([rngs[name]() for _ in range(3)], [twin[name]() for _ in range(3)], "independent of history")
    yield Eq({n: pair(rngs[n]) for n in rngs if n != name}, others, "other streams")
    wide = nnx.Rngs(**{name: seed}).split(2)
    yield Refused(ValueError, lambda: nnx.reseed(wide, **{name: 1}), (wide,), "not scalar, no policy")
    yield Refused(ValueError, lambda: nnx.reseed(rngs, policy="nonsense", **{name: 1}), (rngs,), "unknown policy")
    narrow = nnx.Rngs(**{name: seed})
    nnx.reseed(narrow, **{name: 1})
    key = pair(narrow[name])[0]
    both = (jax.random.split(key, (2,)), jnp.zeros(2, "uint32"))
    nnx.reseed(wide, policy="match_shape", **{name: 1})
    yield Eq(pair(wide[name]), both, "the key is split to match the shape")
    calls: list[Any] = []

    def policy(path: Any, key: Any, shape: Any) -> Any:
        calls.append((path, key, shape))
        return jax.random.split(key, (*shape, 2))

    holder = Layer()
    holder.rngs = wide
    nnx.reseed(holder, policy=policy, **{name: 1})
    yield Eq(calls, [(("rngs", name), key, (2,))], "what a policy gets")
    yield Eq(pair(wide[name])[0], jax.random.split(key, (2, 2)), "the keys that a policy makes")


@law(
    "rng.reseed-forked",
    term=PRNG_STATES,
    uses=("metadata.names", "rng.reseed", "rng.fork", "clone"),
    reason="Split off `rng.reseed`.",
)
def reseed_forked(nnx: Any, make: Any, name: str, seed: int, draws: int) -> Claims:
    """For streams inside a graph the result of reseed depends only on the seed and the graph, not on what was drawn
    before, and every stream with the tag gets count 0 and a key of its own.
    """
    used, fresh = make(), make()
    for stream in all_streams(nnx, used).values():
        for _ in range(draws):
            stream()
    nnx.reseed(used, **{name: seed})
    nnx.reseed(fresh, **{name: seed})
    tagged = [s for s in all_streams(nnx, used).values() if s.key.get_metadata("tag") == name]
    twins = [s for s in all_streams(nnx, fresh).values() if s.key.get_metadata("tag") == name]
    yield Eq([pair(s) for s in tagged], [pair(s) for s in twins], "independent of history")
    yield Eq([s.count.get_value() for s in tagged], [jnp.zeros((), "uint32")] * len(tagged), "counts restart")
    keys = {jax.random.key_data(s.key.get_value()).tobytes() for s in tagged}
    yield Eq(len(keys), len(tagged), "no two streams share a key")


@law("rng.layers-fork", term=PRNG_STATES, uses=("layers", "metadata", "rng.fork"), level="SHOULD")
def layers_fork(nnx: Any, seed: Any, before: int, layers: int) -> Claims:
    """A layer that keeps a stream keeps a fork of it with its own tag, and the parent's count advances by one at
    construction.
    """
    rngs = nnx.Rngs(dropout=seed)
    for _ in range(before):
        rngs.dropout()
    for i in range(layers):
        layer = nnx.Dropout(0.5, rngs=rngs)
        own = [v.value for v in walk(nnx, layer) if isinstance(v.value, nnx.RngStream)]
        yield Eq(len(own), 1, "the layer has one stream")
        wanted = (folded(seed_key(seed), before + i), jnp.zeros((), "uint32"))
        yield Eq(pair(own[0]), wanted, f"the stream of layer {i} is a fork")
        yield Eq(own[0].key.get_metadata()["tag"], "dropout", "with its tag")
        yield Eq(rngs.dropout.count.get_value(), jnp.array(before + i + 1, "uint32"), "the parent advances by one")


LAWS: tuple[Law, ...] = (reseed, reseed_forked, layers_fork)
