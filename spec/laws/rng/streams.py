"""Laws of `Rngs` as a set of named streams: construction, names, seeds, shorthands, the state it contributes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Refused, attempt
from ...law import SHOULD, Law, law
from ...observation import leaves
from ...streams import folded, seed_key, snapshot
from ...terms import PRNG_STATES

METHODS = ("split", "fork", "broadcast", "items")
DISTRIBUTIONS = (
    ("normal", ((2,),)),
    ("uniform", ((2, 3),)),
    ("bits", ((2,),)),
    ("randint", ((3,), 0, 9)),
    ("bernoulli", (0.5, (3,))),
    ("truncated_normal", (-1.0, 1.0, (2,))),
    ("exponential", ((2,),)),
    ("gumbel", ((2,),)),
    ("laplace", ((2,),)),
    ("logistic", ((2,),)),
    ("cauchy", ((2,),)),
    ("permutation", (4,)),
    ("choice", (5,)),
    ("rademacher", ((3,),)),
    ("categorical", (np.zeros(3, "float32"),)),
    ("gamma", (2.0,)),
    ("beta", (2.0, 1.0)),
    ("poisson", (3.0,)),
    ("dirichlet", (np.ones(2, "float32"),)),
    ("t", (3.0,)),
    ("pareto", (2.0,)),
    ("maxwell", ((2,),)),
    ("rayleigh", (1.0,)),
    ("triangular", (0.0, 0.5, 1.0)),
    ("orthogonal", (2,)),
    ("ball", (2,)),
    ("binomial", (4.0, 0.5)),
    ("chisquare", (2.0,)),
    ("double_sided_maxwell", (0.0, 1.0)),
    ("f", (2.0, 3.0)),
    ("generalized_normal", (1.5,)),
    ("geometric", (0.5,)),
    ("loggamma", (2.0,)),
    ("lognormal", ()),
    ("multinomial", (np.float32(3), np.array([0.25, 0.75], "float32"))),
    ("multivariate_normal", (np.zeros(2, "float32"), np.eye(2, dtype="float32"))),
    ("wald", (1.0,)),
    ("weibull_min", (1.0, 2.0)),
)
"""jax.random functions with arguments after the key."""

INITIALIZERS = (
    *("delta_orthogonal", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal"),
    *("kaiming_uniform", "lecun_normal", "lecun_uniform", "xavier_normal", "xavier_uniform"),
)
"""Functions that give an initializer of `jax.nn.initializers`."""


@law("rng.construction", term=PRNG_STATES, uses=("rng.streams",))
def construction(nnx: Any, streams: tuple[Any, ...], default: Any) -> Claims:
    """Rngs takes an optional default and named streams, also from a mapping, each an int, a typed key, uint32 key
    data or a stream; iteration, len, items and `in` agree on the names, in the order given.
    """
    given = dict(streams)
    named = {name: seed for name, seed in given.items() if name != "default"}
    ways = {"keywords": nnx.Rngs(**given), "mapping": nnx.Rngs(given)}
    ways["streams"] = nnx.Rngs(**{name: nnx.RngStream(seed, tag=name) for name, seed in given.items()})
    ways["a default and keywords"] = nnx.Rngs(default, **named)
    mixed = dict.fromkeys(given, default) | named
    ways["a mapping and keywords"] = nnx.Rngs(dict.fromkeys(given, default), **named)
    for how, rngs in ways.items():
        wanted = {"a default and keywords": dict(named, default=default), "a mapping and keywords": mixed}.get(
            how, given
        )
        names = list(rngs)
        yield Eq(sorted(names), sorted(wanted), f"names, from {how}")
        # `default` has a parameter of its own, so as a keyword it has no place among the others.
        ordered = [n for n in names if n != "default" or "mapping" in how]
        expected = [n for n in wanted if n != "default" or "mapping" in how]
        yield Eq(ordered, expected, f"insertion order, from {how}")
        yield Eq([name for name, _ in rngs.items()], names, f"items, from {how}")
        yield Eq(len(rngs), len(wanted), f"len, from {how}")
        yield Eq([name in rngs for name in (*wanted, "absent")], [True] * len(wanted) + [False], f"in, from {how}")
        seen = {name: stream() for name, stream in rngs.items()}
        yield Eq(seen, {name: folded(seed_key(seed), 0) for name, seed in wanted.items()}, f"first keys, from {how}")


@law("rng.default-fallback", term=PRNG_STATES, uses=("rng.streams",))
def default_fallback(nnx: Any, streams: tuple[Any, ...], unknown: str) -> Claims:
    """An unknown name gives the stream `default` itself, with its one count; without a default, attribute access and
    calling are refused with AttributeError and item access with KeyError.
    """
    rngs = nnx.Rngs(**dict(streams))
    protocol = "__nothing_of_the_sort__"  # pickle, copy and numpy ask for such names
    yield Refused(AttributeError, lambda: getattr(rngs, protocol), (rngs,), "a name of Python's protocols")
    if "default" in dict(streams):
        yield Eq((getattr(rngs, unknown) is rngs.default, rngs[unknown] is rngs.default), (True, True), "same stream")
        key = seed_key(dict(streams)["default"])
        drawn = [getattr(rngs, unknown)(), rngs(), rngs[unknown](), rngs.default()]
        yield Eq(drawn, [folded(key, i) for i in range(4)], "one shared count")
    else:
        yield Refused(AttributeError, lambda: getattr(rngs, unknown), (rngs,), "attribute")
        yield Refused(AttributeError, lambda: rngs(), (rngs,), "call")
        yield Refused(KeyError, lambda: rngs[unknown], (rngs,), "item")


@law("rng.bad-seeds-rejected", term=PRNG_STATES, level=SHOULD, uses=("rng.streams",))
def bad_seeds_rejected(nnx: Any, number: int, bad: Any) -> Claims:
    """Every Python int that jax.random.key accepts is accepted as a seed; a value that is no seed, such as a float
    or an array that is no key, is refused with ValueError or TypeError.
    """
    direct = attempt(lambda: jax.random.key(number))
    if direct.error is None:
        yield Eq(attempt(lambda: nnx.Rngs(noise=number).noise.key.get_value()), direct, "an int")
    yield Refused((ValueError, TypeError), lambda: nnx.Rngs(noise=bad), (), "no seed")


@law("rng.name-clashes", term=PRNG_STATES, level=SHOULD, uses=("rng.streams", "rng.split", "rng.fork"))
def name_clashes(nnx: Any, name: str, seed: int) -> Claims:
    """A stream named like a method of Rngs shadows the method, and an unspecified name that is a method gives the
    method and not the fallback.
    """
    rngs = nnx.Rngs(**{name: seed})
    yield Eq(getattr(rngs, name)(), folded(jax.random.key(seed), 0), "the stream shadows")
    yield Eq(name in list(rngs), True, "it is listed")
    plain = nnx.Rngs(seed)
    yield Eq(getattr(plain, name) is plain.default, False, "the method is no fallback")


@law("rng.shorthand", term=PRNG_STATES, uses=("rng.streams",))
def shorthand(nnx: Any, which: int, seed: int, named: bool) -> Claims:
    """rngs.d(args) equals jax.random.d(rngs(), args), and rngs.x.d(args) does so with the stream x, with one draw
    each; where an Rngs has initializers too, rngs.i()(shape) equals i()(rngs(), shape).
    """
    name, args = DISTRIBUTIONS[which % len(DISTRIBUTIONS)]
    rngs = nnx.Rngs(seed, x=seed + 1)
    stream = rngs.x if named else rngs.default
    key = jax.random.key(seed + 1 if named else seed)
    came = getattr(rngs.x if named else rngs, name)(*args)
    yield Eq(came, getattr(jax.random, name)(folded(key, 0), *args), name)
    yield Eq(stream.count.get_value(), jnp.array(1, "uint32"), "one draw")
    yield Eq((rngs.default if named else rngs.x).count.get_value(), jnp.array(0, "uint32"), "the other stream")
    name = INITIALIZERS[which % len(INITIALIZERS)]
    if nnx.offers(f"Rngs.{name}") and nnx.offers(f"RngStream.{name}"):
        came = getattr(rngs.x if named else rngs, name)()((1, 2, 2))
        yield Eq(came, getattr(jax.nn.initializers, name)()(folded(key, 1), (1, 2, 2)), name)
        yield Eq(stream.count.get_value(), jnp.array(2, "uint32"), "one more draw")


@law("rng.state-view", term=PRNG_STATES, uses=("metadata", "rng.split", "rng.streams", "state"))
def state_view(nnx: Any, streams: tuple[Any, ...], shape: tuple[int, ...]) -> Claims:
    """Each stream contributes one RngKey and one RngCount (uint32, of the key's shape) tagged with the stream's
    name, and the filters RngState, RngKey, RngCount and the name select them.
    """
    rngs = nnx.Rngs(**dict(streams))
    if shape:
        rngs = rngs.split(shape)
    names = sorted(dict(streams))
    found = leaves(nnx, rngs)
    yield Eq(sorted(found), sorted((n, part) for n in names for part in ("key", "count")), "paths")
    for name in names:
        key, count = found[name, "key"], found[name, "count"]
        yield Eq((isinstance(key, nnx.RngKey), isinstance(count, nnx.RngCount)), (True, True), "types")
        yield Eq((key.get_metadata()["tag"], count.get_metadata()["tag"]), (name, name), "tags")
        yield Eq((count.get_value().dtype, count.get_value().shape), (jnp.dtype("uint32"), shape), "the count")
        yield Eq(key.get_value().shape, shape, "the key's shape")
        picked = nnx.state(rngs, name)
        yield Eq(leaves(nnx, picked), {(name, "count"): count, (name, "key"): key}, f"filter {name!r}")
    for cls, part in ((nnx.RngKey, ("key",)), (nnx.RngCount, ("count",)), (nnx.RngState, ("count", "key"))):
        wanted = {path: leaf for path, leaf in found.items() if path[1] in part}
        yield Eq(leaves(nnx, nnx.state(rngs, cls)), wanted, f"filter {cls.__name__}")


@law("rng.empty-mapping", term=PRNG_STATES, level=SHOULD, uses=("rng.split", "rng.fork", "Rngs.broadcast"))
def empty_mapping(nnx: Any, streams: tuple[Any, ...], operation: str) -> Claims:
    """With an empty mapping, split, broadcast and fork give an object with the same streams."""
    rngs = nnx.Rngs(**dict(streams))
    before = snapshot(rngs)
    if operation == "fork":
        yield Eq(sorted(rngs.fork()), sorted(before), "fork without a mapping")
        return
    came = rngs.split({}) if operation == "split" else rngs.broadcast({})
    yield Eq(snapshot(came), before, operation)


LAWS: tuple[Law, ...] = (
    construction,
    default_fallback,
    bad_seeds_rejected,
    name_clashes,
    shorthand,
    state_view,
    empty_mapping,
)
