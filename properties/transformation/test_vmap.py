"""Inputs for the laws of vmap."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import vmap
from nnxspec.spec.script.filters import FilterTree

from ..strategies import PLAIN, graphs, parts, small
from ..strategies.programs import LANES, layers, programs, under

FILLED = (*PLAIN, "raw-arrays", "values", "rngs", "non-pytrees")
trees = parts(3).map(lambda filters: tuple(map(FilterTree, filters)))
kinds = st.sampled_from(("lane", "lane", "copy", "index", "swap", "grow", "dtype", "metadata"))
edits = st.lists(st.tuples(kinds, small, small), min_size=1, max_size=4).map(tuple)
axes = st.sampled_from((0, 1, -1))
some = graphs(*FILLED, max_chunks=2).filter(lambda script: any(s.name == "variable" for s in script.steps))

test_vmap_axis = bind(vmap.axis, case=under(layers("vmap", axes=(0, -1, None))), scale=0.2)
test_vmap_shapes = bind(vmap.shapes, make=some, edits=edits, axis=axes, out=axes, scale=0.15)
test_vmap_broadcast_state = bind(
    vmap.broadcast_state, p=programs("body-inputs", world=LANES), size=st.integers(2, 3), scale=0.3
)
test_vmap_state_axes = bind(
    vmap.state_axes,
    make=some,
    trees=trees,
    axes=st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple),
    step=st.integers(0, 1),
    scale=0.4,
)
test_vmap_creation = bind(
    vmap.creation, make=some, out=axes | st.just(2) | st.none(), varies=st.booleans(), axis=axes | st.none(), scale=0.4
)
test_vmap_rank_error = bind(
    vmap.rank_error,
    make=graphs(*FILLED, max_chunks=2),
    pick=small,
    axis=st.sampled_from((0, 1, -1, -2)),
    streams=st.booleans(),
    scale=0.4,
)
