"""nnx.update adds an unknown leaf and a new list element, but refuses an unknown sub-state."""

from flax import nnx


def outcome(state):
    m = nnx.Dict(layers=nnx.List([nnx.Param(0)]))
    try:
        nnx.update(m, nnx.State(state))
        return "added"
    except (ValueError, KeyError, IndexError):
        return "refused"


new = nnx.Param(1)
came = [outcome({"new": new}), outcome({"new": {"deep": new}}), outcome({"layers": {1: new}})]
assert len(set(came)) == 1, f"expected all added or all refused, got {came}"
