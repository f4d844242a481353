"""split accepts a Variable as root (and merge returns it); state and unpack do not."""

from flax import nnx

v = nnx.Param(1)
assert nnx.merge(*nnx.split(v)).get_value() == 1
try:
    came = nnx.state(v)
except IndexError as error:
    came = error
assert isinstance(came, nnx.Param), f"expected the state that nnx.split gives, got {came!r}"
