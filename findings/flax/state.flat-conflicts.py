"""A path below a leaf: refused with TypeError, or the branch is dropped in silence, depending on the order."""

from flax import nnx


def outcome(pairs):
    try:
        return dict(nnx.from_flat_state(pairs))
    except TypeError:
        return "TypeError"


pairs = [(("a",), 0), (("a", "b"), 1)]
came = [outcome(pairs), outcome(pairs[::-1])]
assert came == ["TypeError"] * 2, f"expected TypeError twice, got {came}"
