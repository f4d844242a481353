"""Laws of the iterators: `iter_graph`, `iter_modules`, `iter_children`, `find_duplicates`."""

from __future__ import annotations

from typing import Any

from ...claims import Claims, Eq, Refused, attempt
from ...filtering import live_filter, matches
from ...law import SHOULD, Law, law
from ...observation import Visit, follow, walk
from ...observation.nodes import container_items, node_items
from ...terms import SPLIT_AND_MERGE


def names_by_path(nnx: Any, root: Any) -> dict[tuple[Any, ...], set[Any] | None]:
    """For every node the keys that belong to the user; None for a static that is a container."""
    found: dict[tuple[Any, ...], set[Any] | None] = {}
    for visit in walk(nnx, root):
        if visit.kind == "node":
            found[visit.path] = {key for key, _, _ in node_items(nnx, visit.value)}
        elif is_free(visit):
            found[visit.path] = None
    return found


def is_free(visit: Visit) -> bool:
    """Whether it is free how often something is visited: None, and statics that are containers."""
    if visit.value is None:
        return True
    return visit.kind == "static" and container_items(visit.value) is not None


def hidden(names: dict[tuple[Any, ...], set[Any] | None], path: tuple[Any, ...]) -> bool:
    """Whether a path leads to what a backend keeps for itself on a node, or into something whose visits are free."""
    for size in range(len(path) + 1):
        if path[:size] in names:
            own = names[path[:size]]
            if own is None or (size < len(path) and path[size] not in own):
                return True
    return False


def post_order(nnx: Any, root: Any) -> list[Visit]:
    """What has to be visited, children before parents: objects with identity once, the rest at every occurrence."""
    done: list[Visit] = []
    pending: list[Visit] = []
    for visit in walk(nnx, root):
        while pending and pending[-1].path != visit.path[: len(pending[-1].path)]:
            done.append(pending.pop())
        if not visit.again and not is_free(visit):
            pending.append(visit)
    return done + pending[::-1]


@law("iter.graph-post-order", term=SPLIT_AND_MERGE, uses=("iter_graph",))
def graph_post_order(nnx: Any, make: Any) -> Claims:
    """iter_graph(m) visits children before parents in sorted key order, the root last with the path (), each object
    with identity once under its canonical path, raw arrays and statics at every occurrence, and ends on cycles.

    How often a plain container that is held twice is visited is free, as is what is told of a static that is a
    container; names that a backend keeps for itself are not looked at.
    """
    m = make()
    names = names_by_path(nnx, m)
    came = [(path, value) for path, value in nnx.iter_graph(m) if not hidden(names, path)]
    expected = post_order(nnx, m)
    yield Eq([path for path, _ in came], [visit.path for visit in expected], "paths in order")
    pairs = zip(came, expected, strict=True)
    yield Eq([path for (path, value), visit in pairs if value is not visit.value], [], "paths to something else")


@law("iter.modules", term=SPLIT_AND_MERGE, uses=("iter_modules",))
def modules(nnx: Any, make: Any) -> Claims:
    """iter_modules(m) yields the Modules among iter_graph(m): m itself last, List and Dict nodes, and Modules inside
    plain containers held as data.
    """
    m = make()
    came = list(nnx.iter_modules(m))
    expected = [visit for visit in post_order(nnx, m) if isinstance(visit.value, nnx.Module)]
    yield Eq([path for path, _ in came], [visit.path for visit in expected], "paths in order")
    pairs = zip(came, expected, strict=True)
    yield Eq([path for (path, value), visit in pairs if value is not visit.value], [], "paths to something else")


@law(
    "iter.children",
    term=SPLIT_AND_MERGE,
    uses=("iter_children",),
    reason="What iter_children yields besides Modules (Variables, other nodes) is free: backends differ on purpose.",
)
def children(nnx: Any, make: Any, value: Any) -> Claims:
    """Iterating over the children of a Module yields its immediate child Modules, each object once, under its first
    name in sorted order; an argument that is no graph node is refused with ValueError.
    """
    m = make()
    expected: dict[int, tuple[Any, Any]] = {}
    for key, item, status in node_items(nnx, m):
        if isinstance(item, nnx.Module) and status != "static":
            expected.setdefault(id(item), (key, item))
    came = [(key, item) for key, item in nnx.iter_children(m) if isinstance(item, nnx.Module)]
    yield Eq((came, m), (list(expected.values()), m))
    yield Refused(ValueError, lambda: list(nnx.iter_children(value)), about="no graph node")


@law("iter.paths-valid", term=SPLIT_AND_MERGE, level=SHOULD, uses=("iter_graph", "iter_modules", "iter_children"))
def paths_valid(nnx: Any, make: Any) -> Claims:
    """Following a yielded path from the root gives the identical object.

    Inside a static that is a container nothing is promised.
    """
    m = make()
    names = names_by_path(nnx, m)
    found = [("iter_graph", path, value) for path, value in nnx.iter_graph(m) if not hidden(names, path)]
    found += [("iter_modules", path, value) for path, value in nnx.iter_modules(m)]
    found += [("iter_children", (key,), value) for key, value in nnx.iter_children(m)]
    astray = [(name, path) for name, path, value in found if attempt(lambda p=path: follow(m, p)).value is not value]  # type: ignore[misc]  # bound now
    yield Eq(astray, [], "paths that lead elsewhere")


@law("iter.find-duplicates", term=SPLIT_AND_MERGE, level=SHOULD, uses=("find_duplicates", "sharing"))
def find_duplicates(nnx: Any, make: Any, tree: Any) -> Claims:
    """find_duplicates(m) lists, for each object with identity that is reached by two or more paths, those paths (below
    a shared node only its first path is followed); it is empty exactly if the graph has no sharing, and with only=f it
    reports exactly the objects that f selects.
    """
    m = make()
    arrivals: dict[int, list[Any]] = {}
    selected: dict[int, list[Any]] = {}
    for visit in walk(nnx, m):
        if visit.kind in ("node", "variable"):
            arrivals.setdefault(id(visit.value), []).append(visit.path)
            if matches(nnx, tree, visit.path, visit.value):
                selected[id(visit.value)] = arrivals[id(visit.value)]
    for name, came, wanted in (
        ("everything", nnx.find_duplicates(m), arrivals),
        ("with a filter", nnx.find_duplicates(m, only=live_filter(nnx, tree)), selected),
    ):
        expected = sorted((sorted(paths, key=repr) for paths in wanted.values() if len(paths) > 1), key=repr)
        yield Eq(sorted((sorted(paths, key=repr) for paths in came), key=repr), expected, name)


LAWS: tuple[Law, ...] = (graph_post_order, modules, children, paths_valid, find_duplicates)
