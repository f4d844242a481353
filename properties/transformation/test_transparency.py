"""Inputs for the laws of transparency: programs under one transform, and under several."""

from typing import Any

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import transparency

from ..strategies.covering import covering
from ..strategies.programs import layers, under

NO_LOOPS = ("jit", "remat", "checkify", "cond", "switch", "grad", "vmap")
KEEP = ("body-metadata",)


def cases(depth: int, *, metadata: bool = False) -> tuple[dict[str, Any], ...]:
    """What covers the table of `nnxspec laws --coverage`."""
    return tuple({"case": case} for case in covering(depth, metadata=metadata))


deep = st.one_of(layers(depth=2), layers(depth=2), layers(depth=3))
in_jit = st.one_of(*(layers("jit", depth=depth) for depth in (1, 2, 3)))

test_transform_transparent = bind(transparency.transparent, tried_first=lambda _: cases(1), case=under(layers(), *KEEP))
test_transform_nested = bind(
    transparency.nested, tried_first=lambda _: (*cases(2), *cases(3)), case=under(deep, *KEEP), scale=0.5
)
test_transform_metadata_propagates = bind(
    transparency.metadata_propagates,
    tried_first=lambda _: (*cases(1, metadata=True), *cases(2, metadata=True)),
    case=under(layers() | layers(depth=2), only=("set-metadata", "read", "add")),
    scale=0.2,
)
test_jit_transparent = bind(transparency.jit_transparent, case=under(in_jit, *KEEP), scale=0.5)
test_transform_bare_arrays = bind(
    transparency.bare_arrays,
    case=under(layers(*NO_LOOPS), bare=True, only=("array", "node", "container", "add")),
    scale=0.3,
)
