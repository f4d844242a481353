"""Rngs.split({}) drops every stream (the `else` belongs to the `if` and not to the `for`); broadcast({}) keeps them."""

from flax import nnx

rngs = nnx.Rngs(params=0, dropout=1)
assert sorted(rngs.broadcast({})) == ["dropout", "params"]
assert sorted(rngs.split({})) == ["dropout", "params"], f"expected both streams, got {sorted(rngs.split({}))}"
