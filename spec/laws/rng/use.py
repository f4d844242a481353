"""Laws of streams in use: the same keys however a program runs, and no draws from streams of another trace."""

from __future__ import annotations

from typing import Any

import jax

from ...claims import Claims, Eq, Refused
from ...law import SHOULD, Law, law
from ...streams import folded, seed_key, snapshot
from ...terms import PRNG_STATES


@law("rng.deterministic", term=PRNG_STATES, uses=("rng.streams",))
def deterministic(nnx: Any, streams: tuple[Any, ...], draws: tuple[str, ...]) -> Claims:
    """The sequence of keys is the same eagerly, through split and merge, and under jax.jit over split states; the count
    outside advances accordingly, and equal state gives bitwise equal keys.

    Lifted transforms are covered by the laws of the term Transformation.
    """
    wanted = [name for name in draws if name in dict(streams)] or [streams[0][0]]
    counts = {name: 0 for name, _ in streams}
    keys = []
    for name in wanted:
        keys.append(folded(seed_key(dict(streams)[name]), counts[name]))
        counts[name] += 1
    eager = nnx.Rngs(**dict(streams))
    yield Eq([eager[name]() for name in wanted], keys, "eagerly")
    stepwise = nnx.Rngs(**dict(streams))
    came = []
    for name in wanted:
        stepwise = nnx.merge(*nnx.split(stepwise))
        came.append(stepwise[name]())
    yield Eq(came, keys, "through split and merge")

    def program(graphdef: Any, state: Any) -> Any:
        rngs = nnx.merge(graphdef, state)
        drawn = [rngs[name]() for name in wanted]
        return drawn, nnx.split(rngs)[1]

    graphdef, state = nnx.split(nnx.Rngs(**dict(streams)))
    drawn, after = jax.jit(program, static_argnums=0)(graphdef, state)
    yield Eq(drawn, keys, "under jax.jit")
    yield Eq(snapshot(nnx.merge(graphdef, after)), snapshot(eager), "counts afterwards")


@law("rng.captured-stream-rejected", term=PRNG_STATES, uses=("rng.streams", "trace-guard", "rng.fork"))
def captured_stream_rejected(nnx: Any, streams: tuple[Any, ...], transform: str, how: str) -> Claims:
    """Drawing inside a jax transform from an Rngs captured by closure is refused with TraceContextError, and the count
    stays.
    """
    rngs = nnx.Rngs(**dict(streams))
    name = streams[0][0]

    def draw(x: Any) -> Any:
        if how == "fork":
            rngs.fork()
        elif how == "shorthand":
            rngs[name].normal(())
        else:
            rngs[name]()
        return x

    def run() -> Any:
        match transform:
            case "jit":
                return jax.jit(draw)(1.0)
            case "grad":
                return jax.grad(draw)(1.0)
            case "vmap":
                return jax.vmap(draw)(jax.numpy.ones(2))
            case _:
                return jax.eval_shape(draw, 1.0)

    yield Refused("TraceContextError", run, (rngs,), transform)


@law("rng.vmap-lanes", term=PRNG_STATES, level=SHOULD, uses=("rng.split",))
def vmap_lanes(nnx: Any, seed: int, lanes: int, draws: int) -> Claims:
    """Under jax.vmap over a split state, keys split on axis 0 give each lane its own sequence, and an Rngs that is not
    mapped gives every lane the same keys.

    The lifted vmap has laws of its own under the term Transformation.
    """
    rngs = nnx.Rngs(noise=seed)
    split = rngs.split(lanes)
    keys = split.noise.key.get_value()
    graphdef, state = nnx.split(split)

    def lane(state: Any) -> Any:
        inner = nnx.merge(graphdef, state)
        return [inner.noise() for _ in range(draws)]

    came = jax.vmap(lane)(state)
    for i in range(lanes):
        yield Eq([key[i] for key in came], [folded(keys[i], j) for j in range(draws)], f"lane {i}")
    single = nnx.Rngs(noise=seed)
    graphdef, state = nnx.split(single)
    same = jax.vmap(lambda state, _: lane(state), in_axes=(None, 0))(state, jax.numpy.zeros(lanes))
    for i in range(lanes):
        yield Eq([key[i] for key in same], [folded(jax.random.key(seed), j) for j in range(draws)], f"unmapped {i}")


LAWS: tuple[Law, ...] = (deterministic, captured_stream_rejected, vmap_lanes)
