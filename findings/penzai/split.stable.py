"""The tree with slots that pz.unbind_variables gives has no hash where a field is a list, though it holds no array.

So it is no static argument of jax.jit. The same keeps `graphdef.deterministic`, `graphdef.pickle`,
`graphdef.static-only` and `graphdef.stable-in-transforms` from being judged on such a tree.
"""

import jax.numpy as jnp
from penzai import pz


@pz.pytree_dataclass
class Block(pz.Struct):
    layers: list


slots, _ = pz.unbind_variables(Block([pz.Parameter(value=jnp.ones(2), label="w")]))
try:
    came = type(hash(slots))
except TypeError as error:
    came = f"TypeError: {error}"
assert came is int, f"expected a hash, got {came}"
