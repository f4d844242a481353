"""A copy of a variable, made by freezing and unfreezing it, has the metadata dict of its source: an entry set on one is
set on both.
"""

import jax.numpy as jnp
from penzai import pz

v = pz.Parameter(value=jnp.ones(1), label="w", metadata={"tag": "t"})
copied = v.freeze().unfreeze_as_copy()
copied.metadata["tag"] = "u"
came = v.metadata
assert came == {"tag": "t"}, f"expected the metadata of the source unchanged, got {came}"
