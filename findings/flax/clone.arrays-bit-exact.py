"""clone(arrays=True) turns numpy values into jax arrays: 64-bit integers lose their upper half in silence."""

import numpy as np
from flax import nnx

m = nnx.Dict(a=nnx.Param(np.array([2**40 + 1])))
assert nnx.clone(m).a.get_value()[0] == 2**40 + 1
value = nnx.clone(m, arrays=True).a.get_value()
assert int(value[0]) == 2**40 + 1, f"expected {2**40 + 1} (int64), got {value[0]} ({value.dtype})"
