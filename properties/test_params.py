"""Inputs for the laws of the term Params."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.params import layers, registry, selection

from .strategies import PLAIN, graphs, small
from .strategies.variable import kinds

REAL = (*PLAIN, "abstract", "values", "pytree-values", "numpy", "keys", "edits")
STREAMS = st.lists(st.sampled_from(("dropout", "default", "noise")), unique=True, max_size=3).map(tuple)

test_params_filter_selects_subclasses = bind(selection.filter_selects_subclasses, make=graphs(*PLAIN), kind=kinds)
test_params_grad_default = bind(selection.grad_default, scale=0.2, make=graphs(*REAL, max_chunks=2))
test_params_layer_keys = bind(
    layers.layer_keys,
    scale=0.3,
    sizes=st.sampled_from(((2, 3), (1, 1))),
    seed=small,
    streams=STREAMS,
    others=STREAMS,
)
test_params_type_name_registry = bind(
    registry.type_name_registry,
    stem=st.sampled_from(("fresh", "params", "Kernel")),
    kind=kinds,
    how=st.sampled_from(("register", "by-name", "by-type", "decorator")),
)
