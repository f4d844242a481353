"""Laws of single filters: what each kind of filter matches, as a predicate on (path, leaf)."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq
from ...filtering import has_tag, live_filter, matches, normal_form
from ...flat import flat, in_state
from ...law import SHOULD, Law, law
from ...observation import leaves
from ...terms import FILTER


def truths(predicate: Any, found: dict[Any, Any]) -> dict[Any, bool]:
    """The truth value that a predicate gives for each leaf."""
    return {path: bool(predicate(path, leaf)) for path, leaf in found.items()}


@law("filter.literals", term=FILTER, uses=("filters", "to_predicate"))
def literals(nnx: Any, make: Any, tree: Any) -> Claims:
    """A str means WithTag, a type means OfType, True and ... match everything, False and None nothing, a list or tuple
    means Any of its elements (empty: nothing), any other callable is the predicate itself; the tests run in the order
    str, type, bool, Ellipsis, None, callable, sequence, so a class is always OfType.
    """
    found = leaves(nnx, make())
    expected = {path: matches(nnx, tree, path, leaf) for path, leaf in found.items()}
    yield Eq(truths(nnx.to_predicate(live_filter(nnx, tree)), found), expected, "as a predicate")
    yield Eq(set(flat(nnx.state(make(), live_filter(nnx, tree)))), {p for p in found if expected[p]}, "in state")

    class Text(str):
        def __call__(self, path: Any, leaf: Any) -> bool:
            return True

    class Sequence(tuple):  # type: ignore[type-arg]  # runs without annotations
        def __call__(self, path: Any, leaf: Any) -> bool:
            return True

    class Type:
        def __call__(self, path: Any, leaf: Any) -> bool:
            return True

    here = {("a",): nnx.Param(1)}
    table = [(True, True), (..., True), (False, False), (None, False), ([], False), ((), False), ([None, ...], True)]
    for literal, selects in table:
        yield Eq(truths(nnx.to_predicate(literal), here), {("a",): selects}, f"the literal {literal!r}")
    yield Eq(truths(nnx.to_predicate(Text("t")), here), {("a",): False}, "a callable str is a tag")
    yield Eq(truths(nnx.to_predicate(Type), here), {("a",): False}, "a class is a type")
    yield Eq(truths(nnx.to_predicate(Sequence()), here), {("a",): True}, "a callable sequence is a predicate")


@law("filter.of-type", term=FILTER, uses=("filters", "variable-types", "state", "to_predicate"))
def of_type(nnx: Any, make: Any, kind: Any) -> Claims:
    """OfType(t) matches a leaf if and only if it is an instance of t (subclasses included); a raw-array type matches
    raw arrays and never Variables.

    A backend whose states hold Variables in a pure form matches that form by the Variable type it stands for.
    """
    m = make()
    found = leaves(nnx, m)
    expected = {path: leaf for path, leaf in found.items() if isinstance(leaf, kind)}
    for f, name in ((nnx.OfType(kind), "OfType"), (kind, "the bare type")):
        yield Eq(
            truths(nnx.to_predicate(f), found), {path: path in expected for path in found}, f"{name} as a predicate"
        )
        yield Eq((flat(nnx.state(m, f)), m), (in_state(nnx, expected), m), f"{name} in state")


@law(
    "filter.path-contains",
    term=FILTER,
    level=SHOULD,
    needs=(),
    uses=(
        "filters.inexact",
        "filters",
    ),
)
def path_contains(nnx: Any, paths: Any, key: Any) -> Claims:
    """PathContains(k) matches if some element of the path equals k; with exact=False if str(k) occurs in some
    str(element).
    """
    found = dict.fromkeys(paths)
    equal = {path: any(element == key for element in path) for path in paths}
    within = {path: any(str(key) in str(element) for element in path) for path in paths}
    yield Eq(truths(nnx.PathContains(key), found), equal, "exact by default")
    yield Eq(truths(nnx.PathContains(key, exact=True), found), equal, "exact")
    yield Eq(truths(nnx.PathContains(key, exact=False), found), within, "not exact")
    for one, two in [path[:2] for path in paths if len(path) > 1][:2]:
        for joined in (f"{one}{two}", f"{one}/{two}", f"{one}.{two}"):
            within = {path: any(joined in str(element) for element in path) for path in paths}
            yield Eq(truths(nnx.PathContains(joined, exact=False), found), within, f"not exact, {joined!r}")


@law("filter.with-tag", term=FILTER, uses=("filters", "metadata", "state"))
def with_tag(nnx: Any, make: Any, tag: Any) -> Claims:
    """WithTag(s) matches a leaf whose tag (Variable metadata or RNG stream name) equals s, and never a raw array."""
    m = make()
    found = leaves(nnx, m)
    tagged = {path for path, leaf in found.items() if has_tag(nnx, leaf, tag)}
    yield Eq(truths(nnx.WithTag(tag), found), {path: path in tagged for path in found}, "as a predicate")
    for f in (nnx.WithTag(tag), tag):
        expected = in_state(nnx, {p: found[p] for p in found if p in tagged})
        yield Eq((flat(nnx.state(m, f)), m), (expected, m), "in state")
    if nnx.offers("Rngs"):
        rngs = nnx.Rngs(**{tag: 1, tag + "x": 2, "other": 3})
        streams = {path[0] for path in flat(nnx.state(rngs, nnx.WithTag(tag)))}
        yield Eq(streams, {tag}, "the leaves of the stream of that name")


@law("filter.path-in", term=FILTER, uses=("filters", "PathIn", "state"))
def path_in(nnx: Any, make: Any, picks: Any) -> Claims:
    """PathIn(*paths) matches if the whole path is one of the given paths."""
    m = make()
    found = leaves(nnx, m)
    known = list(found)
    given: list[Any] = [()]
    for which, shape in picks:
        path = known[which % len(known)] if known else ("a",)
        given.append((path, path[:-1], path[1:], (*path, "a"), (*path, 0))[shape])
    for paths in (given, given[1:], given[1:2]):
        expected = {path: leaf for path, leaf in found.items() if path in paths}
        yield Eq(truths(nnx.PathIn(*paths), found), {path: path in expected for path in found}, "as a predicate")
        yield Eq((flat(nnx.state(m, nnx.PathIn(*paths))), m), (in_state(nnx, expected), m), "in state")


@law("filter.boolean-algebra", term=FILTER, uses=("filters", "to_predicate"))
def boolean_algebra(nnx: Any, make: Any, one: Any, two: Any) -> Claims:
    """As predicates Any is or, All is and, Not is negation; Any() matches nothing, All() everything, and the laws of
    boolean algebra hold pointwise.
    """
    found = leaves(nnx, make())
    f, g = live_filter(nnx, one), live_filter(nnx, two)
    p, q = truths(nnx.to_predicate(f), found), truths(nnx.to_predicate(g), found)
    yield Eq(p, {path: matches(nnx, one, path, leaf) for path, leaf in found.items()}, "the filter itself")
    yield Eq(truths(nnx.Any(f, g), found), {path: p[path] or q[path] for path in found}, "Any is or")
    yield Eq(truths(nnx.All(f, g), found), {path: p[path] and q[path] for path in found}, "All is and")
    yield Eq(truths(nnx.Not(f), found), {path: not p[path] for path in found}, "Not is negation")
    yield Eq(truths(nnx.Any(), found), dict.fromkeys(found, False), "Any() matches nothing")
    yield Eq(truths(nnx.All(), found), dict.fromkeys(found, True), "All() matches everything")
    yield Eq(truths(nnx.Not(nnx.Any(f, g)), found), truths(nnx.All(nnx.Not(f), nnx.Not(g)), found), "De Morgan")
    yield Eq(truths(nnx.Not(nnx.Not(f)), found), p, "double negation")
    yield Eq(truths(nnx.All(f, nnx.Any(f, g)), found), p, "absorption")
    yield Eq(truths(nnx.Any(f, nnx.Not(f)), found), dict.fromkeys(found, True), "excluded middle")


@law("filter.equality-hash", term=FILTER, level=SHOULD, needs=(), uses=("filters", "to_predicate"))
def equality_hash(nnx: Any, one: Any, two: Any) -> Claims:
    """Filters built in the same way are equal with equal hashes, Any and All are sensitive to order, and filters of
    different kinds are unequal.
    """
    p, again, q = [nnx.to_predicate(live_filter(nnx, tree)) for tree in (one, one, two)]
    yield Eq((p == again, p != again), (True, False), "built in the same way")
    yield Eq(hash(p) == hash(again), True, "hashes")
    yield Eq({p: 1}.get(again), 1, "as dict keys")
    same = normal_form(one) == normal_form(two)
    yield Eq((p == q, p != q), (same, not same), "two filters")
    for combine in (nnx.Any, nnx.All):
        yield Eq(combine(p, q) == combine(q, p), same, "order counts")
        yield Eq(combine(p, q) == combine(again, q), True, "combinations built in the same way")
        yield Eq(hash(combine(p, q)) == hash(combine(again, q)), True, "their hashes")
    yield Eq(nnx.Any(p, q) == nnx.All(p, q), False, "Any is not All")
    yield Eq((nnx.Not(p) == nnx.Not(again), nnx.Not(p) == p), (True, False), "Not")


LAWS: tuple[Law, ...] = (literals, of_type, path_contains, with_tag, path_in, boolean_algebra, equality_hash)
