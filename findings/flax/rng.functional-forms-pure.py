"""split_rngs(graph_updates=False): documented to leave the original unmodified, but the original's count advances."""

from flax import nnx

rngs = nnx.Rngs(params=0)
nnx.split_rngs(rngs, splits=2, graph=False, graph_updates=False)
count = int(rngs.params.count.get_value())
assert count == 0, f"expected count 0 (unmodified, as the docstring says), got {count}"
