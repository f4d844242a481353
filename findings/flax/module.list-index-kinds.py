"""nnx.List: numpy integers are refused as index, and True looks for an attribute called 'True'."""

import numpy as np
from flax import nnx


def outcome(index):
    try:
        return nnx.List(["a", "b"])[index]
    except Exception as error:
        return type(error).__name__


came = [outcome(np.int32(1)), outcome(True)]
assert came == ["b", "b"], f"expected ['b', 'b'] as from a list, got {came}"
