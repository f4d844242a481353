"""with_rngs: next to a catch-all split a specific broadcast is silently ignored; the reverse is honoured."""

from flax import nnx


def shape(**rules):
    return nnx.with_rngs(nnx.Rngs(params=0), **rules, graph=False, graph_updates=False).params.key.shape


assert shape(split={"params": 5}, broadcast={...: 2}) == (5,)
came = shape(split={...: 2}, broadcast={"params": 5})
assert came == (5,), f"expected the specific rule to win: (5,), got {came}"
