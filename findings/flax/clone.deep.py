"""nnx.clone, documented as a deep copy, shares numpy values and mutable metadata with its source."""

import numpy as np
from flax import nnx

m = nnx.Dict(a=nnx.Param(np.zeros(2), history=[]))
c = nnx.clone(m)
c.a[0] = 7.0
c.a.history.append("x")
came = (m.a.get_value().tolist(), m.a.history)
assert came == ([0.0, 0.0], []), f"expected the source unchanged, got {came}"
