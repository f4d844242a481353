"""Laws of a State as Python object: mapping, equality, pytree."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax

from ...claims import Claims, Eq, EqOrRefused, Outcome, Refused, attempt
from ...edits import edited
from ...flat import flat, in_order, nested, reordered
from ...law import SHOULD, Law, law
from ...observation import observe
from ...observation.nodes import jax_key
from ...terms import VARIABLE_STATE


def branches(model: dict[Any, Any]) -> list[tuple[Any, ...]]:
    """Paths of every branch of a nested dict, the root first."""
    found: list[tuple[Any, ...]] = []
    stack: list[tuple[tuple[Any, ...], Any]] = [((), model)]
    while stack:
        path, branch = stack.pop()
        found.append(path)
        stack.extend(((*path, key), below) for key, below in branch.items() if isinstance(below, dict))
    return found


def at(mapping: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a path of a nested mapping, by item access."""
    for key in path:
        mapping = mapping[key]
    return mapping


@law("state.mapping", term=VARIABLE_STATE, needs=(), uses=("State",))
def mapping(nnx: Any, make: Any, history: Any) -> Claims:
    """A State is a mapping: nested mappings are seen as States, item and attribute access agree, a missing name is
    refused with KeyError or AttributeError, writing through a nested view writes to the parent and the view of a
    subclass is of that class, and State(s) copies the top level only.
    """
    leaves = make()
    model, given = nested(leaves), nested(leaves)
    s = nnx.State(given)
    s["fresh"] = 1
    yield Eq("fresh" in given, False, "the mapping that a State was made of, after a write")
    del s["fresh"]
    for step, (operation, which, key, value) in enumerate(history):
        places = branches(model)
        place = places[which % len(places)]
        view, expected = at(s, place), at(model, place)
        if operation == "set":
            view[key] = value
            expected[key] = value
        elif operation == "set-branch":
            view[key] = nnx.State({"k": value})
            expected[key] = {"k": value}
        elif operation == "set-attribute" and isinstance(key, str):
            setattr(view, key, value)
            expected[key] = value
        elif key in expected:
            del view[key]
            del expected[key]
        else:
            yield Refused(KeyError, partial(view.__delitem__, key), (s,), "deleting what is not there")
        yield Eq((flat(s), value), (flat(model), value), f"after step {step}, {operation} {key!r} at {place}")
    for place in branches(model):
        view, expected = at(s, place), at(model, place)
        yield Eq(isinstance(view, nnx.State), True, f"a State at {place}")
        yield Eq((set(view), len(view)), (set(expected), len(expected)), f"keys at {place}")
        yield Eq([key in view for key in (*expected, "missing")], [True] * len(expected) + [False], f"in, at {place}")
        names = [key for key in expected if isinstance(key, str) and not hasattr(nnx.State, key)]
        yield Eq(
            ([getattr(view, name) for name in names], s), ([view[name] for name in names], s), "attributes are items"
        )
        yield Refused(KeyError, partial(view.__getitem__, "missing"), (s,), "a missing item")
        yield Refused(AttributeError, partial(getattr, view, "missing"), (s,), "a missing attribute")

    class Own(nnx.State):  # type: ignore[misc]  # the class is the backend's
        pass

    views = [at(own, place) for own in (Own(nested(make())),) for place in branches(nested(make()))]
    yield Eq([type(view) is Own for view in views], [True] * len(views), "views of a subclass are of that class")
    copied = nnx.State(s)
    copied["fresh"] = 1
    yield Eq("fresh" in s, False, "the top level is copied")
    for key in [key for key in model if isinstance(model[key], dict)]:
        copied[key]["fresh"] = 1
        yield Eq("fresh" in s[key], True, "branches are not copied")


@law("state.equality", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("State",))
def equality(nnx: Any, make: Any, edit: Any, leaf: Any) -> Claims:
    """States with the same paths and equal leaves of the same Variable types compare equal, other states compare
    unequal, the comparison returns a bool for leaves of any size, and hashing a State is refused with TypeError.
    """
    s, same = nnx.State(nested(make())), nnx.State(nested(dict(reversed(make().items()))))
    other = edited(make(), edit, leaf)
    t = nnx.State(nested(other))
    equal = observe(nnx, make()) == observe(nnx, other)
    yield Eq(attempt(lambda: s == s), Outcome(True), "with itself")
    yield Eq(attempt(lambda: s == same), Outcome(True), "with an equal one")
    yield Eq(attempt(lambda: s == t), Outcome(equal), f"after the edit {edit[0]}")
    yield Eq(attempt(lambda: t != s), Outcome(not equal), f"unequal, after the edit {edit[0]}")
    yield Refused(TypeError, lambda: hash(s), about="hash")


def mixes_keys(leaves: Any) -> bool:
    """Whether some branch of a flat state has both int and str keys."""
    kinds: dict[Any, set[type]] = {}
    for path in leaves:
        for depth, key in enumerate(path):
            kinds.setdefault(path[:depth], set()).add(type(key))
    return any(len(found) > 1 for found in kinds.values())


@law(
    "state.pytree",
    term=VARIABLE_STATE,
    needs=(),
    uses=(
        "variable-pytrees",
        "State",
        "mutation",
    ),
    reason="Int and str keys in one mapping may be refused: the documentation of State asks for comparable keys.",
)
def pytree(nnx: Any, make: Any, order: Any) -> Claims:
    """A State flattens in canonical key order (ints before strs, also where a list-like node has named attributes), and
    jax.tree.map keeps the State and Variable types.

    A mapping in which int and str keys meet may be refused with TypeError or ValueError (which jax raises for dicts)
    instead: the documentation of `nnx.State` asks for keys that can be compared.
    """
    leaves = make()
    s = nnx.State(nested(dict(reordered(leaves.items(), order))))

    def rows() -> Any:
        found, _ = jax.tree_util.tree_flatten_with_path(s, is_leaf=lambda value: isinstance(value, nnx.Variable))
        return [(tuple(jax_key(entry) for entry in path), leaf) for path, leaf in found]

    came = attempt(rows)
    ordered = [(path, leaves[path]) for path in in_order(leaves)]
    if mixes_keys(leaves):
        yield EqOrRefused(came, ordered, (TypeError, ValueError), about="paths and leaves in order, keys of both types")
        if came.error is not None:
            return
    yield Eq(came, Outcome(ordered), "paths and leaves in order")
    yield Eq(jax.tree.map(lambda value: value, s), nnx.State(nested(make())), "mapped by the identity")
    doubled = {}
    for path, leaf in make().items():
        if isinstance(leaf, nnx.Variable):
            leaf.set_value(leaf.get_value() + leaf.get_value())
            doubled[path] = leaf
        else:
            doubled[path] = leaf + leaf
    yield Eq(jax.tree.map(lambda value: value + value, s), nnx.State(nested(doubled)), "mapped by arithmetic")
    yield Eq(s, nnx.State(nested(make())), "the state itself")


LAWS: tuple[Law, ...] = (mapping, equality, pytree)
