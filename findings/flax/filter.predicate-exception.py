"""If a filter raises during nnx.pop, the Variables popped so far are gone from the model and returned to nobody."""

from flax import nnx

m = nnx.Dict(a=nnx.Param(1), b=nnx.Param(2))


def predicate(path, value):
    if path == ("b",):
        raise RuntimeError("stop")
    return True


try:
    nnx.pop(m, predicate)
except RuntimeError:
    pass
assert "a" in m, f"expected m unchanged after the failed pop, but it has only {list(m)}"
