"""Histories of a State, against a flat dict from paths to numbers."""

from __future__ import annotations

import pickle
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...flat import flat, in_order, nested
from ...law import Law, law
from ...terms import VARIABLE_STATE

PLACES: tuple[tuple[str, ...], ...] = ((), ("x",), ("y",), ("x", "y"), ("n",))
"""Where leaves stand; below ``n`` the keys are ints, elsewhere they are strs. No branch has the key of a leaf."""
KEYS = (("a", "b", "_c", "keys"), (0, 1, 2, 10))


def path_of(place: int, key: int) -> tuple[Any, ...]:
    """The path of a leaf by numbers."""
    branch = PLACES[place % len(PLACES)]
    keys: tuple[Any, ...] = KEYS[1] if branch == ("n",) else KEYS[0]
    return (*branch, keys[key % len(keys)])


def leaf_of(nnx: Any, number: int) -> Any:
    """A new leaf: by turns a Param, a raw array and a Param with metadata."""
    value = jnp.array(number)
    return value if number % 3 == 1 else nnx.Param(value, note=number) if number % 3 == 2 else nnx.Param(value)


def state_of(nnx: Any, model: dict[Any, int]) -> Any:
    """A State made at once."""
    return nnx.State(nested({path: leaf_of(nnx, number) for path, number in model.items()}))


def state_trip(nnx: Any, way: str, s: Any) -> Any:
    """An equal State, got on the way of that name; deep copies are left to `copy.container-sharing`."""
    match way:
        case "flat":
            return nnx.from_flat_state(nnx.to_flat_state(s))
        case "map":
            return jax.tree.map(lambda leaf: leaf, s)
        case "pickle":
            return pickle.loads(pickle.dumps(s))
        case "split":
            return nnx.merge_state(*nnx.split_state(s, nnx.Param, ...))
        case _:
            return nnx.State(s)


def put_leaf(nnx: Any, s: Any, path: tuple[Any, ...], leaf: Any, by_attribute: bool) -> None:
    """Sets a leaf; branches on the way are made."""
    for key in path[:-1]:
        if key not in s:
            s[key] = nnx.State({})
        s = s[key]
    if by_attribute and isinstance(path[-1], str):
        setattr(s, path[-1], leaf)
    else:
        s[path[-1]] = leaf


def drop_leaf(s: Any, path: tuple[Any, ...]) -> None:
    """Deletes a leaf, and branches that are empty then."""
    if len(path) > 1:
        drop_leaf(s[path[0]], path[1:])
        if len(s[path[0]]):
            return
    del s[path[0]]


@law(
    "state.history",
    term=VARIABLE_STATE,
    needs=("state.mapping", "state.merge-algebra"),
    uses=("state", "merge_state", "split_state"),
)
def state_history(nnx: Any, history: Any) -> Claims:
    """After any history of setting, deleting, merging and subtracting, with the State made flat, mapped, split, copied
    or pickled in between, it is what a State of the same content is that was made at once: content, treedef, leaves,
    paths and equality.

    The model is a flat dict from paths to numbers.
    """
    s, model = nnx.State({}), dict[Any, int]()
    for step, (verb, place, key, number) in enumerate(history):
        path = path_of(place, key)
        other = {path: number, path_of(place + number, key): number + 1}
        if verb in ("set", "set-attribute"):
            put_leaf(nnx, s, path, leaf_of(nnx, number), verb == "set-attribute")
            model[path] = number
        elif verb == "delete":
            if model:
                path = in_order(model)[key % len(model)]
                drop_leaf(s, path)
                del model[path]
        elif verb == "merge":
            s = nnx.merge_state(s, state_of(nnx, other))
            model |= other
        elif verb == "or":
            s = state_of(nnx, other) | s
            model = other | model
        elif verb == "minus":
            s = s - state_of(nnx, other)
            model = {p: n for p, n in model.items() if p not in other}
        else:
            s = state_trip(nnx, verb, s)
        yield Eq(flat(s), {p: leaf_of(nnx, model[p]) for p in in_order(model)}, f"leaves after step {step}, {verb}")
    # A branch that lost its last leaf may stay or go, so what is compared from here on is without empty ones.
    s, fresh = nnx.from_flat_state(nnx.to_flat_state(s)), state_of(nnx, model)
    treedefs: list[Any] = [jax.tree.structure(s), jax.tree.structure(fresh)]
    yield Eq(s, fresh, "content")
    yield Eq(s == fresh, True, "==")
    yield Eq(treedefs[0] == treedefs[1], True, "treedefs are equal")
    yield Eq(jax.tree.leaves(s), jax.tree.leaves(fresh), "leaves")
    yield Eq([path for path, _ in nnx.to_flat_state(s)], in_order(model), "paths in canonical order")


LAWS: tuple[Law, ...] = (state_history,)
