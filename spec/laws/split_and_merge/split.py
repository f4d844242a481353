"""Laws of `split`, `state` and `graphdef`."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq
from ...law import Law, law
from ...terms import SPLIT_AND_MERGE


@law("split.round-trip", term=SPLIT_AND_MERGE, uses=("split", "merge"))
def round_trip(nnx: Any, make: Any, filters: Any) -> Claims:
    """merge(*split(m, *filters)) is isomorphic to m, for exhaustive filters, and is a new graph node."""
    m = make()
    merged = nnx.merge(*nnx.split(m, *filters))
    yield Eq(merged, make())
    yield Eq(merged is m, False, "a new node")


LAWS: tuple[Law, ...] = (round_trip,)
