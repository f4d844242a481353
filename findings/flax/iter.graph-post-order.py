"""Documented to include static values, nnx.iter_graph leaves them out in tree mode."""

from flax import nnx


class Block(nnx.Module):
    pass


m = Block()
m.k, m.w = 1, nnx.Param(2)
came = [path for path, _ in nnx.iter_graph(m, graph=False)]
assert ("k",) in came, f"expected the static ('k',) among the paths, got {came}"
