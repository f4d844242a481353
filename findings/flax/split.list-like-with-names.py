"""A List subclass with a named data attribute can be split, but not merged again."""

from flax import nnx


class Stack(nnx.List):
    pass


m = Stack([nnx.Param(1)])
m.scale = nnx.Param(2)
graphdef, state = nnx.split(m)
try:
    came = nnx.merge(graphdef, state).scale.get_value()
except TypeError as error:
    came = error
assert came == 2, f"expected 2, got {came!r}"
