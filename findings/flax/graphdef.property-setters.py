"""Assigning through a property records a status for its name: graphdefs differ (0.12.8; mended in 0.12.12)."""

from flax import nnx


class M(nnx.Module):
    @property
    def scale(self):
        return self._scale

    @scale.setter
    def scale(self, value):
        self._scale = value


a, b = M(), M()
a.scale, b._scale = 1, 1
assert nnx.graphdef(a) == nnx.graphdef(b), "expected equal graphdefs: the attributes are the same"
