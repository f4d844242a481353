"""Two structs with equal fields are one in a set: penzai compares them by value."""

from penzai import pz


@pz.pytree_dataclass
class Block(pz.Struct):
    a: int


came = len({Block(1), Block(1)})
assert came == 2, f"expected 2 in a set of two structs, got {came}"
