"""merge assigns leaves by their order and ignores their paths: a renamed key moves leaves to other attributes."""

from flax import nnx

graphdef, state = nnx.split(nnx.Dict(bias=nnx.Param("bias"), kernel=nnx.Param("kernel")))
state["weight"] = state["bias"]  # what was `bias` is now called `weight`, and sorts after `kernel`
del state["bias"]
try:
    m = nnx.merge(graphdef, state)
except (ValueError, KeyError):
    m = None
assert m is None, f"expected ValueError, got bias={m.bias.get_value()!r}, kernel={m.kernel.get_value()!r}"
