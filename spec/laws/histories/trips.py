"""What laws of histories have in common: trips on which an object is sent, and what makes two objects the same."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import jax

from ...claims import Claims, Eq
from ...observation import leaves

TRIPS = ("merge", "clone", "deepcopy", "pickle", "map")
"""Ways to get an equal object: all keep sharing but ``map``, which is `jax.tree.map` with the identity."""


def trip(nnx: Any, way: str, x: Any) -> Any:
    """An equal object, got on the way of that name."""
    match way:
        case "merge":
            return nnx.merge(*nnx.split(x))
        case "clone":
            return nnx.clone(x)
        case "deepcopy":
            return copy.deepcopy(x)
        case "pickle":
            return pickle.loads(pickle.dumps(x))
        case _:
            return jax.tree.map(lambda leaf: leaf, x)


def as_made_at_once(nnx: Any, came: Any, fresh: Any, about: str, acyclic: bool = True) -> Claims:
    """Claims that nothing tells a graph with a history from a fresh one: content, graphdef, state, leaves, treedef.

    Args:
        nnx: the backend.
        came: the graph with a history.
        fresh: one of the same content, made at once.
        about: where in the history.
        acyclic: whether `jax.tree`, which unfolds sharing, comes to an end.
    """
    yield Eq(came, fresh, f"{about}: content")
    yield Eq(nnx.graphdef(came) == nnx.graphdef(fresh), True, f"{about}: graphdefs are equal")
    yield Eq(hash(nnx.graphdef(came)) == hash(nnx.graphdef(fresh)), True, f"{about}: so are their hashes")
    yield Eq(dict(nnx.to_flat_state(nnx.state(came))), leaves(nnx, fresh), f"{about}: state")
    if acyclic:
        yield Eq(jax.tree.leaves(came), jax.tree.leaves(fresh), f"{about}: leaves")
        treedefs: list[Any] = [jax.tree.structure(came), jax.tree.structure(fresh)]
        yield Eq(treedefs[0] == treedefs[1], True, f"{about}: treedefs are equal")
