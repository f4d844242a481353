"""A stream mapped to None ("don't split dropout") comes back with count 0; so does one left out of the mapping."""

from flax import nnx

rngs = nnx.Rngs(params=0, dropout=1)
rngs.dropout()
for name, new in (
    ("split", rngs.split({"params": 2, "dropout": None})),
    ("broadcast", rngs.broadcast({"params": 2})),
):
    assert int(new.dropout.count.get_value()) == 1, f"{name}: expected count 1, got {new.dropout.count.get_value()}"
