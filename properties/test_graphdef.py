"""Inputs for the laws of the term GraphDef."""

import itertools

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.graphdef import content, equality, histories, use

from .strategies import PLAIN, TREES, arrays, graphs, metadata, partitions, small
from .strategies import graphdef as inputs
from .strategies.module import orders, sticky_histories

TRACEABLE = (*PLAIN, "values", "abstract", "numpy")

test_graphdef_static_only = bind(content.static_only, make=graphs(*PLAIN), value=arrays())
test_graphdef_no_hidden_arrays = bind(content.no_hidden_arrays, kinds=inputs.holders, value=arrays())
test_graphdef_metadata_source = bind(
    content.metadata_source, make=graphs(*PLAIN, "pytree-values"), edit=metadata(hashable=True)
)
test_graphdef_deterministic = bind(equality.deterministic, make=graphs(*PLAIN), filters=partitions())
test_graphdef_iso_invariant = bind(
    equality.iso_invariant, make=graphs(*PLAIN), names=inputs.name_lists, order=orders, scale=0.5
)
test_graphdef_discriminates = bind(
    equality.discriminates, make=graphs(*PLAIN, max_chunks=1), where=small, which=st.integers(0, 11), scale=0.5
)
PLACES = ("attribute", "nested", "metadata")
test_graphdef_static_type_aware = bind(
    equality.static_type_aware,
    tried_first=lambda _: [
        {"pair": pair, "place": place} for pair, place in zip(inputs.each_pair(), itertools.cycle(PLACES), strict=False)
    ],
    pair=inputs.static_pairs,
    place=st.sampled_from(PLACES),
    scale=0.5,
)
test_graphdef_hashable = bind(
    equality.hashable, make=graphs(*PLAIN, max_chunks=2), where=small, value=inputs.any_statics, metadata=metadata()
)
test_graphdef_history_independent = bind(
    histories.history_independent, make=graphs(*PLAIN, max_chunks=2), history=sticky_histories
)
test_graphdef_property_setters = bind(histories.property_setters, history=inputs.assignments)
test_graphdef_jit_argument = bind(use.jit_argument, make=graphs(*TRACEABLE, max_chunks=1), scale=0.05)
test_graphdef_pickle = bind(use.pickled, make=graphs(*PLAIN))
test_graphdef_stable_in_transforms = bind(
    use.stable_in_transforms,
    make=graphs(*TRACEABLE, max_chunks=2),
    transform=st.sampled_from(("jit", "eval-shape", "grad", "vmap", "scan")),
    scale=0.2,
)
test_graphdef_tree_mode_distinct = bind(use.tree_mode_distinct, make=graphs(*TREES, "non-pytrees", "values"))
