"""Two Modules with equal fields are one in a set: equinox compares them by value."""

import equinox as eqx


class Block(eqx.Module):
    a: int


came = len({Block(1), Block(1)})
assert came == 2, f"expected 2 in a set of two Modules, got {came}"
