"""The first laws test the harness itself: what was built is what is observed, and aliases are one object."""

from __future__ import annotations

from typing import Any

from ..claims import Claims, Eq
from ..law import Law, law
from ..observation import follow, walk
from ..observation.nodes import is_variable
from ..terms import MODULE, VARIABLE


def is_itself(nnx: Any, part: Any) -> bool:
    """Whether a node or Variable that is assigned twice, and put into containers, is the object found there."""
    holder = nnx.Module()
    holder.one = part
    holder.other = part
    found = [holder.one, holder.other]
    if nnx.offers("containers"):
        found += [nnx.List([part])[0], nnx.Dict({"k": part})["k"]]
    return all(one is part for one in found)


@law("graph.build-observe", term=MODULE, needs=())
def build_observe(nnx: Any, make: Any) -> Claims:
    """Two runs of one program build isomorphic graphs, and looking at a graph twice shows the same.

    What is assigned to an attribute, or put into a List or Dict, is what stands there: the object and no copy.
    Everything else rests on it: no other law can be judged where building or observing is unstable.
    """
    m = make()
    yield Eq(m, make(), "built twice")
    yield Eq(m, m, "observed twice")
    if nnx.offers("sharing") and nnx.offers("mutation"):
        parts = {v.path: v.value for v in walk(nnx, m) if v.kind in ("node", "variable") and not v.again}
        yield Eq([path for path, part in parts.items() if not is_itself(nnx, part)], [], "assigned, but not held")


@law("graph.write-through-alias", term=VARIABLE, needs=("graph.build-observe",), uses=("sharing", "mutation"))
def write_through_alias(nnx: Any, make: Any, value: Any) -> Claims:
    """What is written to a Variable through one path is read through every other path to it."""
    m = make()
    visits = [visit for visit in walk(nnx, m) if is_variable(nnx, visit.value)]
    for visit in visits[:1]:
        follow(m, visit.path).set_value(value)
        for other in visits:
            if other.value is visit.value:
                yield Eq(follow(m, other.path).get_value(), value, f"written at {visit.path}, read at {other.path}")
    if not visits:
        yield Eq(m, make(), "no Variable, so nothing was written")


LAWS: tuple[Law, ...] = (build_observe, write_through_alias)
