"""Rngs.split rewinds the streams it does not split: a key that was already used is handed out again."""

import jax
from flax import nnx

rngs = nnx.Rngs(params=0, dropout=1)
used = rngs.dropout()
again = rngs.split({"params": 2}).dropout()
same = bool((jax.random.key_data(used) == jax.random.key_data(again)).all())
assert not same, "expected a new key, got the one that was handed out before the split"
