"""Inputs for the laws of every transform."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import every

from ..strategies import PLAIN, odd_leaves
from ..strategies.programs import PLAIN_LAYERS, STRUCTURE, layers, programs, under
from ..strategies.spread import bind_spread

NO_LOOPS = (*PLAIN_LAYERS, "vmap")
OUTPUTS = ("return", "return", "node", "variable", "alias", "read", "add", "container")
# A string is no value of jax: a transform may refuse it.
CARRIED = (*PLAIN, "abstract", "strings")

# By which exception a loop refuses changes of structure is the subject of the laws of loops.
test_transform_identity_preserved = bind_spread(
    every.identity_preserved,
    12,
    case=under(layers(*NO_LOOPS), "body-detached", "body-metadata")
    | under(layers("scan", "fori", "while"), "body-structure", "body-shapes", "body-metadata"),
)
test_transform_detached_objects = bind(
    every.detached_objects,
    # What is written and then taken away, alone too: among other steps it seldom is the same object.
    case=under(layers(*PLAIN_LAYERS), only=("add", "write-index", "delete", "replace", "swap", "node", "change-array"))
    | under(layers(*PLAIN_LAYERS), only=("add", "add", "delete"), max_steps=4, nodes=True),
    scale=0.5,
)
test_transform_aliasing_inside = bind(every.aliasing_inside, case=under(layers(), max_steps=2), scale=0.5)
test_transform_structure_propagates = bind_spread(
    every.structure_propagates,
    12,
    # What is taken away alone, too: next to what is made, which is newer, steps would seldom take away what was there.
    case=under(
        layers(*NO_LOOPS, axes=(0, -1, 1)), "body-outputs", only=(*STRUCTURE, "container-append", "container-pop")
    )
    | under(
        layers(*NO_LOOPS, axes=(0,)), "body-outputs", only=("delete", "pop-item", "set-static"), max_steps=5, nodes=True
    ),
)
test_transform_outputs_identity = bind(
    every.outputs_identity, case=under(layers(*PLAIN_LAYERS), only=OUTPUTS), scale=0.5
)
test_transform_exception_safe = bind(
    every.exception_safe, case=under(layers(depth=1) | layers(depth=2), raising=True), scale=0.4
)
test_transform_no_op_neutral = bind(
    every.no_op_neutral,
    case=st.tuples(layers(*PLAIN_LAYERS, "fori", "while"), programs(world=CARRIED, max_steps=0)),
    scale=0.5,
)
test_transform_leaf_kinds = bind_spread(
    every.leaf_kinds,
    16,
    case=st.tuples(
        layers(*PLAIN_LAYERS, "fori", "while"),
        programs(
            "body-structure",
            "body-statics",
            "body-metadata",
            "body-shapes",
            "body-outputs",
            world=(*CARRIED, "numpy", "mixed-values", "bare-arrays"),
            more=odd_leaves,
        ),
    ),
    scale=0.5,
)
