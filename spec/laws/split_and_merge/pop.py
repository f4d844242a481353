"""Laws of `pop`: taking leaves out of a Module."""

from __future__ import annotations

import collections
from typing import Any

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...filtering import groups, live_filter
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import leaves, observe, walk
from ...terms import SPLIT_AND_MERGE
from .helpers import drop


def depends_on_path(tree: tuple[Any, ...]) -> bool:
    """Whether a filter tree may judge one leaf differently under two of its paths."""
    kind, *args = tree
    if kind in ("path-contains", "path-in", "lambda"):
        return True
    return any(depends_on_path(a) for a in args if kind in ("any-of", "all-of", "not", "list", "tuple"))


def applicable(nnx: Any, root: Any, trees: tuple[Any, ...]) -> tuple[Any, ...]:
    """The trees that judge each leaf alike under all of its paths; everything, if no tree is left."""
    if not any(visit.again and visit.kind == "variable" for visit in walk(nnx, root)):
        return trees
    return tuple(tree for tree in trees if not depends_on_path(tree)) or (("all", ...),)


@law("pop.removes-matching", term=SPLIT_AND_MERGE, uses=("pop", "Intermediate"))
def removes_matching(nnx: Any, make: Any, trees: Any) -> Claims:
    """pop(m, *filters) returns the matching leaves by path (the first match wins) and removes them, the other leaves
    stay, a shared Module is visited once, cycles are fine, and no filter at all is refused with ValueError.

    Under which of several paths a shared Variable is judged by a filter on paths is free, so such filters are left out
    there.
    """
    m = make()
    trees = applicable(nnx, m, trees)
    *matched, rest = groups(nnx, trees, leaves(nnx, m))
    yield Refused(ValueError, lambda: nnx.pop(m), unchanged=(m,), about="no filter")
    popped = nnx.pop(m, *[live_filter(nnx, tree) for tree in trees])
    yield Eq(isinstance(popped, tuple), len(trees) > 1, "a tuple for two filters and more")
    several = list(popped) if isinstance(popped, tuple) else [popped]
    yield Eq([flat(state) for state in several], matched, "what is returned")
    gone = {path for group in matched for path in group}
    yield Eq([visit.path for visit in walk(nnx, m) if visit.path in gone], [], "paths that are still there")
    out = {id(leaf) for group in matched for leaf in group.values()}
    yield Eq({path: leaf for path, leaf in leaves(nnx, m).items() if id(leaf) not in out}, rest, "what stays")


@law("pop.complete", term=SPLIT_AND_MERGE, uses=("pop",))
def complete(nnx: Any, make: Any, trees: Any) -> Claims:
    """After pop no matching leaf is reachable by any path."""
    m = make()
    trees = applicable(nnx, m, trees)
    *matched, _ = groups(nnx, trees, leaves(nnx, m))
    out = {id(leaf) for group in matched for leaf in group.values()}
    nnx.pop(m, *[live_filter(nnx, tree) for tree in trees])
    yield Eq([visit.path for visit in walk(nnx, m) if id(visit.value) in out], [], "paths to leaves that were popped")


@law(
    "pop.containers",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("sharing", "pop", "containers", "annotations", "BatchStat"),
)
def containers(nnx: Any, kind: int, matching: Any, shared: bool) -> Claims:
    """A leaf in a container is removed as from the Python container (length, iteration and indices agree afterwards),
    or the pop is refused with ValueError and the container is unchanged.
    """

    Holder = module_class(nnx, "Holder")

    keys = ("c", "a", "b", "d")
    makers: tuple[Any, ...] = (
        list,
        lambda items: dict(zip(keys, items, strict=False)),
        tuple,
        nnx.List,
        lambda items: nnx.Dict(dict(zip(keys, items, strict=False))),
        lambda items: collections.OrderedDict(zip(keys, items, strict=False)),
        lambda items: nnx.State(dict(zip(keys, items, strict=False))),
    )
    by_key = kind in (1, 4, 5, 6)

    def build(keep: Any) -> Any:
        holder = Holder()
        items = [nnx.BatchStat(i) if match else nnx.Param(i) for i, match in enumerate(matching)]
        container = makers[kind](items)
        if kind == 2:
            container = tuple(item for item in items if keep(item))
        else:
            for index in reversed(range(len(items))):
                if not keep(items[index]):
                    del container[keys[index] if by_key else index]
        holder.c = nnx.data(container)
        if shared:
            holder.other = items[0]
        return holder

    holder = build(lambda item: True)
    before = observe(nnx, holder)
    outcome = attempt(lambda: flat(nnx.pop(holder, nnx.BatchStat)))
    unchanged = ((before, holder),)
    fresh = flat(nnx.split(build(lambda item: True), nnx.BatchStat, ...)[1])
    yield EqOrRefused(outcome, fresh, ValueError, unchanged, about="what is returned")
    if outcome.error is None:
        left = build(lambda item: not isinstance(item, nnx.BatchStat))
        for about, read in (
            ("length", len),
            ("items", lambda c: [c[key] for key in (sorted(c) if by_key else range(len(c)))]),
            ("iteration", list),
        ):
            came = attempt(lambda f=read: f(holder.c))  # type: ignore[misc]  # bound now
            yield Eq(came, attempt(lambda f=read: f(left.c)), f"{about} afterwards")  # type: ignore[misc]  # bound now


@law("pop.atomic", term=SPLIT_AND_MERGE, level=SHOULD, uses=("pop", "annotations", "Intermediate"))
def atomic(nnx: Any, make: Any, matching: Any, position: int, value: Any) -> Claims:
    """A refused pop leaves the target unchanged, whether an immutable container, a missing or misplaced filter or a
    root that is no node is the cause; the error is a ValueError, TypeError or RuntimeError.

    Whether an immutable container is rebuilt, and whether a filter after a catch-all is refused, is free.
    """

    Holder = module_class(nnx, "Holder")

    errors = (ValueError, TypeError, RuntimeError)
    yield Refused(errors, lambda: nnx.pop(value, ...), unchanged=(value,), about="a root that is no node")
    for filters in ((nnx.Intermediate,), (..., nnx.Intermediate), ()):
        holder = Holder()
        names = ("a", "b", "c", "d", "e")
        for name, match in zip(names, matching, strict=False):
            setattr(holder, name, nnx.Intermediate(value) if match else nnx.Param(value))
        setattr(holder, names[position], nnx.data((nnx.Param(value), nnx.Intermediate(value))))
        holder.f = nnx.Intermediate(value)
        holder.z = make()
        before = observe(nnx, holder)
        outcome = attempt(lambda h=holder, fs=filters: bool(nnx.pop(h, *fs)) or True)  # type: ignore[misc]  # bound now
        yield EqOrRefused(outcome, True, errors, unchanged=((before, holder),), about=f"{len(filters)} filters")


@law("pop.catch-all", term=SPLIT_AND_MERGE, level=SHOULD, uses=("pop", "raw-arrays"))
def catch_all(nnx: Any, make: Any) -> Claims:
    """pop(m, ...) removes Variables and raw arrays and leaves the statics.

    What happens to other values held as data is free, so the inputs have none.
    """
    m, expected = make(), make()
    for path in leaves(nnx, expected):
        drop(expected, path)
    found = leaves(nnx, m)
    yield Eq(flat(nnx.pop(m, ...)), found, "what is returned")
    yield Eq(m, expected, "what stays")


LAWS: tuple[Law, ...] = (removes_matching, complete, containers, atomic, catch_all)
