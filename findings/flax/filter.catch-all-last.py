"""nnx.pop accepts a filter after `...`, where split, state, filter_state and split_state raise ValueError."""

from flax import nnx


def refused(function):
    m = nnx.Dict(a=nnx.Param(1))
    try:
        function(m, ..., nnx.Param)
    except ValueError:
        return True
    return False


assert refused(nnx.split) and refused(nnx.state)
assert refused(nnx.pop), "expected ValueError as from nnx.split, but nnx.pop(m, ..., nnx.Param) was accepted"
