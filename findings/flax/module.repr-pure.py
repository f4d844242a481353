"""repr of a cycle through nnx.List (or nnx.Dict) never ends; one through a Module prints `...`."""

from flax import nnx

m = nnx.Module()
m.me = m
assert "..." in repr(m)
items = nnx.List([])
items.append(items)
try:
    came = repr(items)
except RecursionError:
    came = "RecursionError"
assert came != "RecursionError", "expected a repr with `...`, got RecursionError"
