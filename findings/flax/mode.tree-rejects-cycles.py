"""Tree mode: iter_graph names a cycle of two Modules (ValueError), but runs into RecursionError on a self-loop."""

from flax import nnx


def outcome(m):
    with nnx.set_graph_mode(False):
        try:
            list(nnx.iter_graph(m))
        except (ValueError, RecursionError) as error:
            return type(error).__name__


loop, cycle = nnx.Module(), nnx.Module()
loop.me = loop
cycle.other = nnx.Module()
cycle.other.back = cycle
came = [outcome(cycle), outcome(loop)]  # split and map: RecursionError for both
assert came == ["ValueError", "ValueError"], f"expected ValueError twice, got {came}"
