"""Inputs for the law of tracers."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import functions, leaks

from ..strategies import PLAIN, graphs

transforms = st.sampled_from(functions.TRANSFORMS)
inner = st.sampled_from([name for name in functions.TRANSFORMS if name not in ("cached-partial", "pmap", "shard-map")])

test_transform_no_tracer_leak = bind(
    leaks.no_tracer_leak,
    scale=0.5,
    make=graphs(*PLAIN, "abstract", "numpy", "values", "pytree-values", max_chunks=2),
    stack=st.one_of(st.tuples(transforms), st.tuples(transforms, inner)),
    effects=st.lists(st.sampled_from(leaks.EFFECTS), max_size=3).map(tuple),
    caught=st.booleans(),
)
