"""Histories of Variables and their metadata, against numbers and dicts."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...law import Law, law
from ...terms import VARIABLE
from .trips import TRIPS, as_made_at_once, trip

USES = (
    "metadata",
    "mutation",
    "sharing",
    "structural-mutation",
    "graphdef",
    "state",
    "split",
    "merge",
    "clone",
    "update",
)
ATTRIBUTES = ("a", "b", "c")


@law(
    "variable.metadata-history",
    term=VARIABLE,
    needs=("variable.metadata-model", "variable.metadata-survives"),
    uses=("metadata.names", *USES),
)
def metadata_history(nnx: Any, history: Any) -> Claims:
    """After any history of changing metadata, writing, copying and sharing Variables, with their Module split and
    merged, copied, updated or pickled in between, it is what a Module with the same Variables is that was made at once.

    The model has for each attribute which Variable stands there, and for each Variable a number and a dict.
    """

    model: list[tuple[int, dict[str, Any]]] = [(i, {}) for i in range(len(ATTRIBUTES))]
    stands = {name: i for i, name in enumerate(ATTRIBUTES)}

    def fresh() -> Any:
        m = nnx.Module()
        variables = [nnx.Param(jnp.array(number), **metadata) for number, metadata in model]
        for name in reversed(ATTRIBUTES):
            setattr(m, name, variables[stands[name]])
        return m

    m = fresh()
    for step, (verb, where, key, value) in enumerate(history):
        name, other = ATTRIBUTES[where % 3], ATTRIBUTES[(where + 1) % 3]
        i, variable = stands[name], getattr(m, name)
        number, metadata = model[i]
        if verb in TRIPS:
            if verb == "map" and len(set(stands.values())) < len(stands):
                continue  # jax.tree.map gives every place an object of its own
            m = trip(nnx, verb, m)
        elif verb == "set":
            variable.set_metadata(key, value)
            model[i] = (number, metadata | {key: value})
        elif verb == "replace-all":
            variable.set_metadata({key: value})
            model[i] = (number, {key: value})
        elif verb == "delete" and key in metadata:
            variable.del_metadata(key)
            model[i] = (number, {k: entry for k, entry in metadata.items() if k != key})
        elif verb == "delete":
            yield Refused(KeyError, partial(variable.del_metadata, key), (m,), f"step {step}, deleting what is missing")
        elif verb == "write":
            variable.set_value(jnp.array(where))
            model[i] = (where, metadata)
        elif verb == "copy":
            setattr(m, other, variable.copy(**{key: value}))
            model.append((number, metadata | {key: value}))
            stands[other] = len(model) - 1
        elif verb == "copy-from":
            getattr(m, other).copy_from(variable)
            model[stands[other]] = (number, dict(metadata))
        elif verb == "share":
            setattr(m, other, variable)
            stands[other] = i
        elif verb == "update":
            model = [(n + 1, d | {key: value}) for n, d in model]
            nnx.update(m, nnx.state(fresh()))
        yield Eq(m, fresh(), f"after step {step}, {verb} {name}")
    yield from as_made_at_once(nnx, m, fresh(), "in the end")


LAWS: tuple[Law, ...] = (metadata_history,)
