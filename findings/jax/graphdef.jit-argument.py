"""A treedef, which tells the structure of a pytree, is no pytree itself: jax.jit takes it as static argument only."""

import jax

treedef = jax.tree.structure({"a": 1})
assert jax.jit(lambda t: 1, static_argnums=0)(treedef) == 1
try:
    came = int(jax.jit(lambda t: 1)(treedef))
except TypeError as error:
    came = type(error).__name__
assert came == 1, f"expected 1, as with a static argument; got {came}"
