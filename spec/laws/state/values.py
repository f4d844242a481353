"""Laws of what the leaves of a State carry: values as pure dicts, axes by path, metadata."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...edits import edited
from ...filtering import live_filter, matches
from ...flat import in_state, nested
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...terms import VARIABLE_STATE


@law("state.pure-dict", term=VARIABLE_STATE, uses=("State", "to_pure_dict", "replace_by_pure_dict", "mutation"))
def pure_dict(nnx: Any, make: Any, value: Any, chosen: Any, digits: Any, edit: Any) -> Claims:
    """to_pure_dict maps paths to values, and replace_by_pure_dict(s, d) replaces values in s only (the Module it came
    from is untouched), accepts str digits for int keys and refuses an unknown key with ValueError.

    A leaf whose path is not in d keeps its value; Variable types and metadata stay. Where a value is itself a dict, the
    state decides where a leaf ends. What digits stand for where the state has a str of digits too is left free.
    """
    m = make()
    found = leaves(nnx, m)
    s = nnx.State(nested(in_state(nnx, found)))
    pure = {path: leaf.get_value() if isinstance(leaf, nnx.Variable) else leaf for path, leaf in found.items()}
    yield Eq((nnx.to_pure_dict(s), m), (nested(pure), m), "to_pure_dict")
    before = observe(nnx, m)
    unknown = nested(edited(pure, edit, value))
    yield Refused(ValueError, lambda: nnx.replace_by_pure_dict(s, unknown), (s, m), "an unknown key")
    picked = {path: value for number, path in enumerate(found) if (number + chosen) % 3}
    digits = digits and not any(isinstance(key, str) and key.isdecimal() for path in found for key in path)
    given = {tuple(str(key) for key in path): new for path, new in picked.items()} if digits else picked
    came = attempt(lambda: nnx.replace_by_pure_dict(s, nested(given)))
    yield Eq(came, Outcome(came.value), "accepted")
    expected = leaves(nnx, make())
    for path, new in picked.items():
        if isinstance(expected[path], nnx.Variable):
            expected[path].set_value(new)
        else:
            expected[path] = new
    yield Eq(s, nnx.State(nested(in_state(nnx, expected))), "values replaced")
    yield Eq(m, before, "the Module is untouched")
    back = nnx.State(nested(in_state(nnx, leaves(nnx, m))))
    came = attempt(lambda: nnx.replace_by_pure_dict(back, nested(pure)))
    yield Eq(came, Outcome(came.value), "its own values are accepted")
    yield Eq(back, nnx.State(nested(in_state(nnx, leaves(nnx, make())))), "replaced by its own values")


@law("state.path-axes", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("State", "StateAxes", "to_predicate"))
def path_axes(nnx: Any, axes: Any, held: Any) -> Claims:
    """Path filters and axis specs built from a State give each leaf the axis found at its path, and no other."""
    wanted = dict(axes)
    s = nnx.State(nested({path: nnx.Param(axis) if held else axis for path, axis in axes}))
    built = [("axis spec", nnx.StateAxes(s))]
    if nnx.offers("create_path_filters"):
        built.append(("path filters", nnx.create_path_filters(s)))
    for name, spec in built:
        pairs = [(nnx.to_predicate(f), axis) for f, axis in spec.items()]
        came = {path: [axis for predicate, axis in pairs if predicate(path, None)] for path in wanted}
        yield Eq(came, {path: [axis] for path, axis in wanted.items()}, name)


@law("state.set-metadata", term=VARIABLE_STATE, uses=("State", "state", "set_metadata", "metadata", "filters"))
def set_metadata(nnx: Any, make: Any, only: Any, entries: Any) -> Claims:
    """Variables in a State keep their metadata, and set_metadata(node, only=f, **entries) changes exactly the Variables
    that match f, in place.
    """
    m, expected = make(), make()
    held, changed = leaves(nnx, m), leaves(nnx, expected)
    yield Eq((nnx.state(m), m), (nnx.State(nested(held)), m), "metadata in a State")
    for path, leaf in changed.items():
        if isinstance(leaf, nnx.Variable) and matches(nnx, only, path, leaf):
            for name, value in entries.items():
                leaf.set_metadata(name, value)
    nnx.set_metadata(m, only=live_filter(nnx, only), **entries)
    yield Eq((m, held), (expected, changed), "metadata set in place")


LAWS: tuple[Law, ...] = (pure_dict, path_axes, set_metadata)
