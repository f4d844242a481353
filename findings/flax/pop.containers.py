"""nnx.pop of an element of nnx.List leaves a List that cannot be iterated."""

from flax import nnx

m = nnx.Dict(items_=nnx.List([nnx.Intermediate(0), nnx.Param(1)]))
nnx.pop(m, nnx.Intermediate)
try:
    came = [x.get_value() for x in m.items_]
except AttributeError as error:
    came = error
assert came == [1], f"expected [1], got {came!r} (len {len(m.items_)})"
