"""Laws of sequences of filters: which leaf goes to which group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from ...claims import Claims, Eq, Refused
from ...filtering import groups, live_filter, matches, well_placed
from ...flat import flat, in_order, in_state, nested
from ...law import SHOULD, Law, law
from ...observation import leaves, walk
from ...observation.nodes import is_variable, jax_key
from ...terms import FILTER


@law("filter.first-match-wins", term=FILTER, uses=("filters", "state"))
def first_match_wins(nnx: Any, make: Any, filters: Any) -> Claims:
    """A leaf belongs to group i if and only if filter i matches it and no earlier filter does."""
    m = make()
    expected = [in_state(nnx, group) for group in groups(nnx, filters, leaves(nnx, m))[:-1]]
    live = [live_filter(nnx, tree) for tree in filters]
    came = nnx.state(m, *live)
    yield Eq(([flat(s) for s in ([came] if len(live) == 1 else came)], m), (expected, m), "state")


@law("filter.partition", term=FILTER, uses=("filters", "State"))
def partition(nnx: Any, make: Any, filters: Any) -> Claims:
    """The groups of a split are pairwise disjoint, their union is the full state, there is one group per filter (empty
    groups included), and leaves keep canonical order within a group.
    """
    m = make()
    found = leaves(nnx, m)
    states = nnx.split(m, *[live_filter(nnx, tree) for tree in filters])[1:]
    yield Eq(len(states), len(filters), "one group per filter")
    flats = [flat(s) for s in states]
    yield Eq(sum(map(len, flats)), len(found), "disjoint")
    yield Eq(
        ({path: leaf for group in flats for path, leaf in group.items()}, m), (in_state(nnx, found), m), "the union"
    )
    for s, group in zip(states, flats, strict=True):
        rows, _ = jax.tree_util.tree_flatten_with_path(s, is_leaf=lambda value: is_variable(nnx, value))
        yield Eq([tuple(jax_key(key) for key in path) for path, _ in rows], in_order(group), "canonical order")


@law(
    "filter.exhaustive", term=FILTER, uses=("filters", "State", "state", "split_state", "filter_state", "to_flat_state")
)
def exhaustive(nnx: Any, make: Any, filters: Any) -> Claims:
    """If some leaf matches no filter, split, split_state and FlatState.split are refused with ValueError, while state
    and filter_state drop the rest.
    """
    m = make()
    found = leaves(nnx, m)
    *kept, rest = groups(nnx, filters, found)
    live = [live_filter(nnx, tree) for tree in filters]
    s = nnx.State(nested(found))
    row = nnx.to_flat_state(nnx.State(nested(found)))
    ways: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("split", lambda: nnx.split(m, *live)[1:]),
        ("split_state", lambda: nnx.split_state(s, *live)),
        ("FlatState.split", lambda: row.split(*live)),
    )
    for name, action in ways if nnx.offers("FlatState") else ways[:2]:
        if rest:
            yield Refused(ValueError, action, (m, s), name)
        else:
            came = action()
            several = came if len(live) > 1 or name == "split" else (came,)
            wanted = [in_state(nnx, group) for group in kept] if name == "split" else kept
            yield Eq(([dict(iter(g)) if name == "FlatState.split" else flat(g) for g in several], m), (wanted, m), name)
    for name, came in (("state", nnx.state(m, *live)), ("filter_state", nnx.filter_state(s, *live))):
        wanted = [in_state(nnx, group) for group in kept] if name == "state" else kept
        several = [flat(came)] if len(live) == 1 else [*map(flat, came)]
        yield Eq((several, m), (wanted, m), f"{name} drops the rest")


@law("filter.catch-all-last", term=FILTER, uses=("filters", "State", "state", "filter_state", "split_state", "pop"))
def catch_all_last(nnx: Any, make: Any, filters: Any) -> Claims:
    """In a sequence of filters a literal ... or True may be followed only by catch-alls (which get empty groups);
    anything else after it is refused with ValueError by every operation that takes a sequence of filters.
    """
    m = make()
    found = leaves(nnx, m)
    s = nnx.State(nested(found))
    row = nnx.to_flat_state(nnx.State(nested(found)))
    live = [live_filter(nnx, tree) for tree in filters]
    actions = {
        "state": lambda: nnx.state(m, *live),
        "filter_state": lambda: nnx.filter_state(s, *live),
        "split": lambda: nnx.split(m, *live),
        "split_state": lambda: nnx.split_state(s, *live),
        "FlatState.split": lambda: row.split(*live),
        "FlatState.filter": lambda: row.filter(*live),
        "pop": lambda: nnx.pop(m, *live),
    }
    if well_placed(filters):
        expected = groups(nnx, filters, found)[:-1]
        for name in ("state", "filter_state"):
            came = actions[name]()
            wanted = [in_state(nnx, group) for group in expected] if name == "state" else expected
            yield Eq(([flat(g) for g in ([came] if len(live) == 1 else came)], m), (wanted, m), name)
    else:
        for name, action in actions.items():
            if name.startswith("FlatState") and not nnx.offers("FlatState"):
                continue
            # What a refused pop leaves behind is the subject of `pop.atomic`.
            yield Refused(ValueError, action, (m, s) if name != "pop" else (), name)


@law("filter.canonical-path-only", term=FILTER, level=SHOULD, uses=("filters", "state", "PathIn"))
def canonical_path_only(nnx: Any, make: Any) -> Claims:
    """A shared leaf is offered to filters once, under its canonical path."""
    m = make()
    found = leaves(nnx, m)
    calls: list[Any] = []
    nnx.state(m, lambda path, leaf: calls.append(path))
    yield Eq(sorted(calls, key=repr), sorted(found, key=repr), "each leaf once")
    arrivals = [visit for visit in walk(nnx, m) if visit.kind == "variable"]
    for visit in arrivals[-3:]:
        expected = {visit.path: visit.value} if visit.path in found else {}
        yield Eq(
            (flat(nnx.state(m, nnx.PathIn(visit.path))), m), (in_state(nnx, expected), m), f"selected by {visit.path}"
        )


@law("filter.refinement", term=FILTER, uses=("filters", "State", "filter_state"))
def refinement(nnx: Any, make: Any, one: Any, two: Any) -> Claims:
    """filter(filter(s, f), g) equals filter(s, All(f, g)), filter(s, Not(f)) equals s - filter(s, f), and
    filter(s, f, ...) is the pair of the two.
    """
    found = leaves(nnx, make())
    s = nnx.State(nested(found))
    f, g = live_filter(nnx, one), live_filter(nnx, two)
    inside = {path: leaf for path, leaf in found.items() if matches(nnx, one, path, leaf)}
    both = {path: leaf for path, leaf in inside.items() if matches(nnx, two, path, leaf)}
    rest = {path: leaf for path, leaf in found.items() if path not in inside}
    picked = nnx.filter_state(s, f)
    yield Eq((flat(picked), s), (inside, s), "filter by f")
    yield Eq((flat(nnx.filter_state(picked, g)), s), (both, s), "filter by f, then by g")
    yield Eq((flat(nnx.filter_state(s, nnx.All(f, g))), s), (both, s), "filter by All(f, g)")
    yield Eq((flat(nnx.filter_state(s, nnx.Not(f))), s), (rest, s), "filter by Not(f)")
    yield Eq((flat(s - picked), s), (rest, s), "the difference")
    if well_placed((one, ("all", ...))):
        yield Eq(([flat(group) for group in nnx.filter_state(s, f, ...)], s), ([inside, rest], s), "the pair")


LAWS: tuple[Law, ...] = (first_match_wins, partition, exhaustive, catch_all_last, canonical_path_only, refinement)
