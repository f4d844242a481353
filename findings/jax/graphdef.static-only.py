"""A treedef is a leaf of jax.tree, although it holds no array: what maps over leaves meets it."""

import jax

treedef = jax.tree.structure({"a": 1})
came = jax.tree.leaves(treedef)
assert came == [], f"expected no leaves, got {came}"
