"""Laws of merging, splitting and subtracting states."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq, EqOrRefused, attempt
from ...filtering import groups, live_filter
from ...flat import nested, reordered
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...terms import VARIABLE_STATE


@law("state.merge-algebra", term=VARIABLE_STATE, needs=(), uses=("State", "merge_state"))
def merge_algebra(nnx: Any, makes: Any) -> Claims:
    """merge_state has the union of the paths, the right-most state wins per leaf, it is associative, commutative on
    disjoint states, and has the empty state as identity.
    """
    one, two, three = [make() for make in makes]
    s, t, u = nnx.State(nested(one)), nnx.State(nested(two)), nnx.State(nested(three))
    before = observe(nnx, (s, t, u))
    empty = nnx.State({})
    yield Eq(
        (nnx.merge_state(s, t, u), s, t, u), (nnx.State(nested({**one, **two, **three})), s, t, u), "right-most wins"
    )
    left, right = nnx.merge_state(nnx.merge_state(s, t), u), nnx.merge_state(s, nnx.merge_state(t, u))
    yield Eq((left, s, t, u), (right, s, t, u), "associative")
    apart = nnx.State(nested({path: leaf for path, leaf in two.items() if path not in one}))
    yield Eq((nnx.merge_state(s, apart), s, t), (nnx.merge_state(apart, s), s, t), "commutative on disjoint states")
    yield Eq((nnx.merge_state(s, empty), nnx.merge_state(empty, s), nnx.merge_state(s)), (s, s, s), "empty is neutral")
    given = nested(one)
    merged = attempt(lambda: nnx.merge_state(given))
    yield EqOrRefused(merged, s, TypeError, about="a plain mapping alone, or refused")
    if merged.error is None:
        merged.value["more"] = 1
        yield Eq(given, nested(one), "the mapping, after a write to what came of it")
    yield Eq((s, t, u), before, "operands unchanged")


@law("state.merge-conflict-uniform", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("State", "merge_state"))
def merge_conflict_uniform(nnx: Any, path: Any, below: Any, leaf: Any, other: Any) -> Claims:
    """A leaf that meets a branch at the same path is handled alike in both orders: refused with TypeError or
    ValueError, or replaced by the right-most.
    """
    short, long = {path: leaf}, {(*path, *below): other, ("z",): other}
    s, t = nnx.State(nested(short)), nnx.State(nested(long))
    before = observe(nnx, (s, t))
    one, two = attempt(lambda: nnx.merge_state(s, t)), attempt(lambda: nnx.merge_state(t, s))
    refusals = (TypeError, ValueError)
    yield EqOrRefused(one, nnx.State(nested(long)), refusals, about="the branch comes last")
    replaced = nnx.State(nested({path: leaf, ("z",): other}))
    yield EqOrRefused(two, replaced, refusals, about="the leaf comes last")
    ways = ["replaces" if outcome.error is None else "refuses" for outcome in (one, two)]
    yield Eq(f"the branch last {ways[0]}", f"the branch last {ways[1]}", "both orders alike: so does the leaf last")
    yield Eq((s, t), before, "operands unchanged")


@law("state.operators", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("State", "merge_state"))
def operators(nnx: Any, makes: Any) -> Claims:
    """s | t equals merge_state(s, t), s - t has the leaves of s whose path is not in t, (s - t) | t has the union of
    the paths, an empty operand is neutral and no operand is changed.
    """
    one, two = [make() for make in makes]
    s, t = nnx.State(nested(one)), nnx.State(nested(two))
    before = observe(nnx, (s, t))
    empty = nnx.State({})
    union = nnx.State(nested({**one, **two}))
    rest = nnx.State(nested({path: leaf for path, leaf in one.items() if path not in two}))
    yield Eq((s | t, s, t), (union, s, t), "s | t")
    yield Eq((s | t, s, t), (nnx.merge_state(s, t), s, t), "s | t is merge_state")
    yield Eq((s - t, s, t), (rest, s, t), "s - t")
    yield Eq(((s - t) | t, s, t), (union, s, t), "(s - t) | t")
    yield Eq((s | empty, empty | s, s - empty), (s, s, s), "empty is neutral")
    yield Eq((empty - s, empty), (nnx.State({}), nnx.State({})), "nothing is left of empty")
    yield Eq((s, t), before, "operands unchanged")


@law("state.split-merge", term=VARIABLE_STATE, uses=("State", "split_state", "filter_state", "merge_state", "filters"))
def split_merge(nnx: Any, make: Any, filters: Any, some: Any, order: Any) -> Claims:
    """split_state and filter_state obey the filter laws, one filter gives a State and several give a tuple, and merging
    the groups of an exhaustive split in any order restores the state.
    """
    found = leaves(nnx, make())
    s = nnx.State(nested(found))
    expected = tuple(nnx.State(nested(group)) for group in groups(nnx, filters, found)[:-1])
    wanted = expected if len(expected) > 1 else expected[0]
    live = [live_filter(nnx, tree) for tree in filters]
    came = nnx.split_state(s, *live)
    yield Eq((came, s), (wanted, s), "split_state")
    yield Eq((nnx.filter_state(s, *live), s), (wanted, s), "filter_state, exhaustive")
    parts = reordered(came if isinstance(came, tuple) else [came], order)
    yield Eq((nnx.merge_state(*parts), s), (nnx.State(nested(found)), s), "merged in another order")
    kept = tuple(nnx.State(nested(group)) for group in groups(nnx, some, found)[:-1])
    picked = nnx.filter_state(s, *[live_filter(nnx, tree) for tree in some])
    yield Eq((picked, s), (kept if len(kept) > 1 else kept[0], s), "filter_state")


LAWS: tuple[Law, ...] = (merge_algebra, merge_conflict_uniform, operators, split_merge)
