"""Laws of parameters in layers: where their random numbers come from."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq
from ...law import SHOULD, Law, law
from ...observation import observe
from ...terms import PARAMS


@law("params.layer-keys", term=PARAMS, level=SHOULD, uses=("layers", "rng.streams"))
def layer_keys(nnx: Any, sizes: Any, seed: int, streams: Any, others: Any) -> Claims:
    """A Linear draws two keys from the stream params and leaves the other streams untouched.

    So equal params seeds give bitwise equal parameters, whatever the seeds of the other streams and whatever was drawn
    from them before.
    """
    seeds = {name: index for index, name in enumerate(streams)}
    rngs = nnx.Rngs(params=seed, **seeds)
    untouched = observe(nnx, {name: rngs[name] for name in streams})
    layer = nnx.Linear(*sizes, rngs=rngs)
    yield Eq(int(rngs.params.count.get_value()), 2, "keys drawn from params")
    yield Eq({name: rngs[name] for name in streams}, untouched, "the other streams")
    apart = nnx.Rngs(params=seed, **dict.fromkeys(others, 7))
    for name in others:
        apart[name]()
    twin = nnx.Linear(*sizes, rngs=apart)
    yield Eq((twin.kernel, twin.bias), (layer.kernel, layer.bias), "parameters from an equal seed")


LAWS: tuple[Law, ...] = (layer_keys,)
