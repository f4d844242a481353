"""All nnx.Lists are equal: __eq__ comes from a dataclass mixin without fields (which makes them unhashable too)."""

from flax import nnx

assert nnx.List([0]) != nnx.List([1, 2]), "expected [0] != [1, 2], but they compare equal"
