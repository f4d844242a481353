"""Items of nnx.Dict are attributes: the key "keys" hides the method of that name (and `_pytree__...` is not listed)."""

from flax import nnx

d = nnx.Dict({"keys": nnx.Param(1)})
try:
    came = list(d.keys())
except TypeError as error:
    came = error
assert came == ["keys"], f"expected ['keys'], got {came!r}"
