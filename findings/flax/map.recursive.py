"""nnx.recursive_map writes the Variable that f returns into the original, and the result does not get it."""

from flax import nnx


def frozen(path, x):
    return nnx.Cache(2) if isinstance(x, nnx.Param) else x


m = nnx.Dict(a=nnx.Param(1))
new = nnx.recursive_map(frozen, m)
assert m.a.get_value() == 1, f"expected the original to stay as it is, its Param is now {m.a.get_value()}"
assert type(new.a) is nnx.Cache, f"expected the Cache that was returned, got {type(new.a).__name__}"
