"""A Param put into vars(module) after the constructor is no state: it is a static, and ends up in the GraphDef."""

import jax.numpy as jnp
from flax import nnx


class Block(nnx.Module):
    def __init__(self, **attributes):
        vars(self).update(attributes)


inside, later = Block(w=nnx.Param(jnp.ones(2))), Block()
vars(later)["w"] = nnx.Param(jnp.ones(2))
came = ["w" in nnx.state(m) for m in (inside, later)]
assert came == [True, True], f"expected w in the state, set in the constructor and later, got {came}"
