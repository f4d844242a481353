"""Laws of tree mode, in which Modules are plain pytrees and nothing is shared."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ...apart import apart
from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...flat import flat
from ...law import SHOULD, Law, law
from ...observation import nodes, walk
from ...terms import SPLIT_AND_MERGE


def functions(nnx: Any) -> dict[str, Callable[..., Any]]:
    """The functions that traverse a whole graph, by name; each runs to its end."""
    return {
        "split": lambda m, **mode: nnx.split(m, **mode),
        "state": lambda m, **mode: nnx.state(m, **mode),
        "graphdef": lambda m, **mode: nnx.graphdef(m, **mode),
        "iter_graph": lambda m, **mode: list(nnx.iter_graph(m, **mode)),
        "iter_modules": lambda m, **mode: list(nnx.iter_modules(m, **mode)),
        "map": lambda m, **mode: nnx.map(lambda path, leaf: leaf, m, **mode),
        "recursive_map": lambda m, **mode: nnx.recursive_map(lambda path, value: value, m, **mode),
    }


def callers(nnx: Any) -> dict[str, Callable[..., Any]]:
    """Functions that call one of those, by name."""
    return {
        "clone": lambda m, **mode: nnx.clone(m, **mode),
        "unpack": lambda m, **mode: nnx.unpack(m, **mode),
        "set_attributes": lambda m, **mode: m.set_attributes(absent=1, raise_if_not_found=False, **mode),
    }


def in_tree_mode(nnx: Any, function: Callable[[Any], Any], root: Any) -> Any:
    """The result of a function in tree mode."""

    def action() -> Any:
        with nnx.set_graph_mode(False):
            return function(root)

    return apart(action)


@law("mode.tree-agrees", term=SPLIT_AND_MERGE, uses=("tree-mode", "split", "merge"), tags=("tree",))
def tree_agrees(nnx: Any, make: Any) -> Claims:
    """On graphs without sharing and cycles tree mode and graph mode give the same paths and leaves, and merge gives
    isomorphic results.
    """
    with nnx.set_graph_mode(True):
        graphdef, state = nnx.split(make())
        merged = nnx.merge(graphdef, state)
    with nnx.set_graph_mode(False):
        tree_graphdef, tree_state = nnx.split(make())
        tree_merged = nnx.merge(tree_graphdef, tree_state)
    yield Eq(flat(tree_state), flat(state), "leaves by path")
    yield Eq(merged, make(), "merged in graph mode")
    yield Eq(tree_merged, make(), "merged in tree mode")


@law(
    "mode.tree-rejects-shared-variables",
    term=SPLIT_AND_MERGE,
    uses=("tree-mode", "iter_graph", "iter_modules", "map", "recursive_map", "annotations", "clone", "unpack"),
    tags=("tree",),
)
def tree_rejects_shared_variables(nnx: Any, make: Any, pick: int, inside: bool) -> Claims:
    """Shared Variables are refused in tree mode with ValueError that names the paths, by split, state, graphdef, the
    iterators and the maps, and by these and what calls them where graph=False is an argument.
    """

    Holder = module_class(nnx, "Holder")

    holder = Holder()
    holder.m = make()
    holder.v = nnx.Param(1)
    variables = [(visit.path, visit.value) for visit in walk(nnx, holder) if visit.kind == "variable"]
    path, variable = variables[pick % len(variables)]
    holder.again = nnx.data([variable]) if inside else variable
    for name, function in functions(nnx).items():
        yield Refused(ValueError, lambda f=function: in_tree_mode(nnx, f, holder), unchanged=(holder,), about=name)  # type: ignore[misc]  # bound now
        error = str(attempt(lambda f=function: in_tree_mode(nnx, f, holder)).error)  # type: ignore[misc]  # bound now
        unnamed = [key for key in (*path, "again") if str(key) not in error]
        yield Eq(unnamed, [], f"{name}: keys that the message does not name")
    for name, function in (functions(nnx) | callers(nnx)).items():
        refused = partial(function, holder, graph=False)
        yield Refused(ValueError, refused, unchanged=(holder,), about=f"{name}, graph=False")


@law(
    "mode.tree-rejects-shared-nodes",
    term=SPLIT_AND_MERGE,
    uses=("tree-mode", "iter_graph", "iter_modules", "map", "recursive_map", "annotations"),
    tags=("tree",),
)
def tree_rejects_shared_nodes(nnx: Any, make: Any, pick: int, inside: bool) -> Claims:
    """Shared graph nodes are refused in tree mode with ValueError by the same functions, whatever the nodes hold."""

    Holder = module_class(nnx, "Holder")

    holder = Holder()
    holder.m = make()
    below = [node for path, node in nodes(nnx, holder).items() if path]
    holder.again = nnx.data([below[pick % len(below)]]) if inside else below[pick % len(below)]
    for name, function in functions(nnx).items():
        yield Refused(ValueError, lambda f=function: in_tree_mode(nnx, f, holder), unchanged=(holder,), about=name)  # type: ignore[misc]  # bound now


@law(
    "mode.tree-rejects-cycles",
    term=SPLIT_AND_MERGE,
    uses=("tree-mode", "cycles", "iter_graph", "iter_modules", "map", "recursive_map"),
    tags=("tree",),
)
def tree_rejects_cycles(nnx: Any, length: int, entry: int, holds: int, name: int) -> Claims:
    """Cycles of any length are refused in tree mode with ValueError by the same functions."""

    Link = module_class(nnx, "Link")

    links = [Link() for _ in range(entry + length)]
    for one, other in zip(links, links[1:], strict=False):
        one.next = other
    links[-1].next = links[entry]
    if holds:
        links[-1].w = nnx.Param(1) if holds == 1 else "s"
    chosen = sorted(functions(nnx))[name]
    function = functions(nnx)[chosen]
    yield Refused(ValueError, lambda: in_tree_mode(nnx, function, links[0]), unchanged=(links[0],), about=chosen)


@law(
    "mode.tree-needs-pytrees",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=("tree-mode", "non-pytrees", "iter_graph", "iter_modules", "map", "recursive_map"),
    tags=("tree",),
)
def tree_needs_pytrees(nnx: Any, make: Any, depth: int, filled: bool) -> Claims:
    """Objects that are not pytrees are refused in tree mode with ValueError, at the root and below."""

    Holder = module_class(nnx, "Holder")

    class Opaque(nnx.Object):  # type: ignore[misc]  # a backend's class is known at run time only
        pass

    root = Opaque()
    if filled:
        root.m = make()
    for _ in range(depth):
        outer = Holder()
        outer.a = root
        root = outer
    for name, function in functions(nnx).items():
        yield Refused(ValueError, lambda f=function: in_tree_mode(nnx, f, root), unchanged=(root,), about=name)  # type: ignore[misc]  # bound now


@law("mode.setters-restore", term=SPLIT_AND_MERGE, level=SHOULD, uses=("tree-mode", "split"), tags=("tree",))
def setters_restore(nnx: Any, modes: Any, fails: bool) -> Claims:
    """The function that selects the mode works as a context manager and restores the previous mode on exit, also after
    an exception.
    """

    Holder = module_class(nnx, "Holder")

    holder = Holder()
    holder.a = nnx.Param(1)
    holder.b = holder.a

    def shares() -> bool:
        return attempt(lambda: nnx.split(holder)).error is None

    seen: list[bool] = []

    def nest(rest: Any) -> None:
        if not rest and fails:
            raise KeyError("left by an exception")
        if rest:
            with nnx.set_graph_mode(rest[0]):
                seen.append(shares())
                try:
                    nest(rest[1:])
                finally:
                    seen.append(shares())

    # One thread for all of it: a mode may be a thread's own.
    outside, outcome, afterwards = apart(lambda: (shares(), attempt(lambda: nest(modes)), shares()))
    yield EqOrRefused(outcome, None, KeyError, about="the exception comes out")
    yield Eq(seen, [*modes, *reversed(modes)], "modes inside, on the way in and out")
    yield Eq(afterwards, outside, "the mode afterwards")


LAWS: tuple[Law, ...] = (
    tree_agrees,
    tree_rejects_shared_variables,
    tree_rejects_shared_nodes,
    tree_rejects_cycles,
    tree_needs_pytrees,
    setters_restore,
)
