"""nnx.pop removes a shared Variable from one of its places only."""

from flax import nnx

m = nnx.Dict(a=nnx.Intermediate(0))
m.b = m.a
nnx.pop(m, nnx.Intermediate)
assert list(m) == [], f"expected no Intermediate left, m still has {list(m)}"
