"""A refused nnx.update has already changed part of the model."""

from flax import nnx

m = nnx.Dict(a=nnx.Param(0), node=nnx.Dict())
try:
    nnx.update(m, nnx.State({"a": 1, "node": nnx.Param(1)}))  # ValueError: expected a subgraph for 'node'
except ValueError:
    pass
assert m.a.get_value() == 0, f"expected 0 (nothing updated), got {m.a.get_value()}"
