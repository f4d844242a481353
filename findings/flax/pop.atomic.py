"""A pop that is refused has already removed Variables; they are lost."""

from flax import nnx

m = nnx.Module()
m.a, m.b = nnx.Param(0), nnx.data((nnx.Param(1),))
try:
    nnx.pop(m, nnx.Param)  # ValueError: cannot pop from a tuple
except ValueError:
    pass
assert hasattr(m, "a"), "expected m unchanged after the ValueError, but m.a is gone"
