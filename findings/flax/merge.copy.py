"""merge(..., copy=True) makes new Variables, but a numpy value stays shared and is written in place."""

import numpy as np
from flax import nnx

m = nnx.Dict(a=nnx.Param(np.zeros(2)))
copied = nnx.merge(*nnx.split(m), copy=True)
copied.a[...] = np.ones(2)
assert (m.a.get_value() == 0).all(), f"expected the source to keep [0, 0], it has {m.a.get_value()}"
