"""Laws of `state` and `graphdef`: the two halves of split, each on its own."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq
from ...flat import flat
from ...law import Law, law
from ...terms import SPLIT_AND_MERGE


@law("split.state-groups", term=SPLIT_AND_MERGE, uses=("split", "state", "State"))
def state_groups(nnx: Any, make: Any, filters: Any) -> Claims:
    """state(m, *filters) equals the groups of split(m, *filters, ...) without the remainder: a single State for at most
    one filter, otherwise a tuple.
    """
    m = make()
    came = nnx.state(m, *filters)
    expected = nnx.split(m, *filters, ...)[1:]
    yield Eq(isinstance(came, tuple), len(filters) > 1, "a tuple for two filters and more")
    several = list(came) if isinstance(came, tuple) else [came]
    yield Eq(several, list(expected[: max(1, len(filters))]), "groups")
    yield Eq([isinstance(group, nnx.State) for group in several], [True] * len(several), "States")


@law("split.graphdef-and-state", term=SPLIT_AND_MERGE, uses=("split", "state", "graphdef"))
def graphdef_and_state(nnx: Any, make: Any) -> Claims:
    """graphdef(m) and state(m) are the two results of split(m)."""
    m = make()
    graphdef, state = nnx.split(m)
    yield Eq(nnx.graphdef(m) == graphdef, True, "graphdef")
    yield Eq(hash(nnx.graphdef(m)) == hash(graphdef), True, "hash of the graphdef")
    shared = m if nnx.offers("state.shares-variables") else None  # what the two have in common with the graph
    yield Eq((flat(nnx.state(m)), shared), (flat(state), shared), "state")


LAWS: tuple[Law, ...] = (state_groups, graphdef_and_state)
