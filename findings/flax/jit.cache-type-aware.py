"""A jitted function takes a static True for the static 1 that it was traced for, and writes the 1 into the argument."""

from flax import nnx


@nnx.jit
def touch(m):
    m.v[...] += 1


for value in (1, True):
    m = nnx.Dict(v=nnx.Param(0.0), flag=value)
    touch(m)
    assert type(m.flag) is type(value), f"expected {value!r} after the call, got {m.flag!r}"
