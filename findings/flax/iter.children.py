"""iter_children yields a Module held by two attributes twice; iter_graph and iter_modules yield it once."""

from flax import nnx

m = nnx.Module()
m.a = m.b = nnx.Linear(1, 1, rngs=nnx.Rngs(0))
came = [key for key, _ in nnx.iter_children(m)]
assert came == ["a"], f"expected ['a'], got {came}"
