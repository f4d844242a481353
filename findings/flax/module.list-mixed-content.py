"""nnx.List: moving elements does not move their data/static status, so insert marks a str as data (or raises)."""

import jax
from flax import nnx

items = nnx.List([nnx.Param(1), nnx.Param(2)])
items.insert(0, "relu")
leaves = jax.tree.leaves(items)
assert leaves == [1, 2], f"expected leaves [1, 2] as of nnx.List(['relu', Param(1), Param(2)]), got {leaves}"
