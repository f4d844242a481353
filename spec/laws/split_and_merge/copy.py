"""Laws of Python's own ways to copy: pickle and the module copy."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from ...claims import Claims, Eq
from ...law import SHOULD, Law, law
from ...observation import nodes, observe, walk
from ...terms import SPLIT_AND_MERGE
from .clone import shared_parts
from .helpers import disturb, held, shared_objects


@law(
    "copy.pickle-deepcopy",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("pickling", "mutation", "structural-mutation", "mutation.any-value", "metadata"),
)
def pickle_deepcopy(nnx: Any, make: Any, edits: Any, value: Any) -> Claims:
    """pickle and copy.deepcopy give an isomorphic, independent graph, and copy.copy a shallow one with the same
    Variables and its own attributes.

    jax cannot pickle typed PRNG keys, so the inputs have none.
    """
    m = make()
    for name, copied in (("pickle", pickle.loads(pickle.dumps(m))), ("deepcopy", copy.deepcopy(m))):
        yield Eq(copied, make(), f"{name}: isomorphic")
        yield Eq(shared_objects(nnx, copied, m), [], f"{name}: objects in common")
        yield Eq(shared_parts(nnx, copied, m), [], f"{name}: arrays and containers in common")
        disturb(nnx, copied, edits, value)
        yield Eq(m, make(), f"{name}: the source after the copy was changed")
    shallow = copy.copy(m)
    yield Eq(shallow is m, False, "copy.copy: a new node")
    names = sorted(nnx.attributes(m))
    yield Eq(sorted(nnx.attributes(shallow)), names, "copy.copy: names of attributes")
    there, here = nnx.attributes(m), nnx.attributes(shallow)
    yield Eq(
        [name for name in names if here[name] is not there[name]],
        [],
        "copy.copy: attributes that are not the same object",
    )
    before = observe(nnx, m)
    if "append" in dir(m):
        shallow.append(nnx.Param(value))
    else:
        shallow.extra = nnx.Param(value)
        for name in names:
            delattr(shallow, name)
    yield Eq(m, before, "copy.copy: the source after attributes of the copy were changed")


@law(
    "copy.container-sharing",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=(
        "pickling",
        "sharing",
    ),
)
def container_sharing(nnx: Any, make: Any, picks: Any, kind: int) -> Claims:
    """Copying or pickling a container of Modules preserves Variables and nodes shared between them."""

    def build() -> Any:
        objects = list(nodes(nnx, make()).values())
        chosen = [objects[pick % len(objects)] for pick in picks]
        return (list(chosen), tuple(chosen), {str(i): item for i, item in enumerate(chosen)})[kind]

    container = build()
    for name, copied in (("pickle", pickle.loads(pickle.dumps(container))), ("deepcopy", copy.deepcopy(container))):
        yield Eq(copied, build(), name)
        own = {id(item): item for item in held(nnx, container)}
        yield Eq(
            [v.path for v in walk(nnx, copied) if id(v.value) in own and v.kind in ("node", "variable")],
            [],
            f"{name}: new objects",
        )


LAWS: tuple[Law, ...] = (pickle_deepcopy, container_sharing)
