"""Laws that the GraphDef depends on what a Module is now, not on how it came to be."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import nodes
from ...terms import GRAPHDEF
from ..module.status import sticky_pool, sticky_step
from .equality import SAME, same


@law(
    "graphdef.history-independent",
    term=GRAPHDEF,
    level=SHOULD,
    uses=("graphdef", "annotations", "structural-mutation", "value-leaves"),
    needs=("module.status-sticky",),
)
def history_independent(nnx: Any, make: Any, history: Any) -> Claims:
    """The graphdef depends on the present attributes and their status only: adding and deleting an attribute restores
    equality."""

    Block = module_class(nnx, "Block")

    pool = sticky_pool(nnx)
    m, fresh = Block(), Block()
    model: dict[str, tuple[str, Any]] = {}
    for verb, name, what in history:
        value = pool[what]
        if sticky_step(model, verb, name, value) is not None:
            continue
        if verb == "delete":
            delattr(m, name)
        else:
            setattr(m, name, nnx.data(value) if verb == "data" else nnx.static(value) if verb == "static" else value)
    for name, (status, value) in model.items():
        setattr(fresh, name, nnx.data(value) if status == "data" else nnx.static(value))
    yield Eq(same(nnx.graphdef(m), nnx.graphdef(fresh)), SAME, "the present attributes, given at once")
    graph = make()
    before = nnx.graphdef(graph)
    for i, node in enumerate(nodes(nnx, graph).values()):
        value = list(pool.values())[i % 8]
        if nnx.offers("containers") and isinstance(node, nnx.List):
            node.append(value)
            node.pop()
        elif nnx.offers("containers") and isinstance(node, nnx.Dict):
            node["probe"] = value
            del node["probe"]
        else:
            node.probe = value
            del node.probe
    yield Eq(same(nnx.graphdef(graph), before), SAME, "something added to every node and taken away")


@law(
    "graphdef.property-setters",
    term=GRAPHDEF,
    level=SHOULD,
    uses=("graphdef", "annotations", "structural-mutation", "value-leaves"),
)
def property_setters(nnx: Any, history: Any) -> Claims:
    """Assigning through a property or other descriptor does not by itself change the graphdef.

    It is the same as assigning to the attribute behind it: for data, for statics, and for one that does both.
    """

    class Delegate:
        def __get__(self, m: Any, owner: Any) -> Any:
            return m.inner

        def __set__(self, m: Any, value: Any) -> None:
            m.inner = value

    class Block(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        field = Delegate()

        @property
        def scale(self) -> Any:
            return self._scale

        @scale.setter
        def scale(self, value: Any) -> None:
            self._scale = value

        @property
        def both(self) -> Any:
            return self.w

        @both.setter
        def both(self, value: Any) -> None:
            self.w = jnp.array(value)
            self.label = str(value)

    by_property, direct = Block(), Block()
    behind = {"scale": "_scale", "field": "inner"}
    for name, kind, number in history:
        if name == "both":
            by_property.both = number
            direct.w, direct.label = jnp.array(number), str(number)
            continue
        value = {"array": jnp.array(number), "int": number, "data": nnx.data(number), "static": nnx.static(number)}[
            kind
        ]
        came = attempt(partial(setattr, by_property, name, value))
        yield Eq(came, attempt(partial(setattr, direct, behind[name], value)), f"{name} = {kind} {number}")
    yield Eq(same(nnx.graphdef(by_property), nnx.graphdef(direct)), SAME, "graphdefs")
    yield Eq(by_property, direct, "Modules")
    merged = nnx.merge(*nnx.split(by_property))
    yield Eq(merged, direct, "split and merge")


LAWS: tuple[Law, ...] = (history_independent, property_setters)
