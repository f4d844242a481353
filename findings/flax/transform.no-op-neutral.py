"""nnx.jit of a function that does nothing turns numpy's int64 into int32 and a Python number into an array."""

import numpy as np
from flax import nnx

count, size = nnx.Variable(np.array([2**40])), nnx.Variable(3)
nnx.jit(lambda variables: None)([count, size])
came = count.get_raw_value()
assert came.dtype == np.int64 and came[0] == 2**40, f"expected int64 {2**40}, got {came.dtype} {came[0]}"
assert type(size.get_raw_value()) is int, f"expected the int 3, got {size.get_raw_value()!r}"
