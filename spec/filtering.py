"""The oracle for filters: what a filter expression has to match, decided without the backend's filter functions.

Expressions come as neutral trees: tuples ``(kind, *args)``, see `nnxspec.spec.script.filters`.
"""

from __future__ import annotations

from typing import Any

from .backend import Unsupported
from .observation.nodes import is_variable


def live_filter(nnx: Any, tree: tuple[Any, ...]) -> Any:
    """The backend's own filter for a neutral tree."""
    kind, *args = tree
    match kind:
        case "type" | "tag" | "all" | "none" | "lambda":
            return args[0]
        case "of-type":
            return nnx.OfType(args[0])
        case "with-tag":
            return nnx.WithTag(args[0])
        case "path-contains":
            if args[1]:
                return nnx.PathContains(args[0])
            if not nnx.offers("filters.inexact"):
                raise Unsupported("filters.inexact")
            return nnx.PathContains(args[0], exact=False)
        case "path-in":
            return nnx.PathIn(*args)
        case "any-of":
            return nnx.Any(*(live_filter(nnx, a) for a in args))
        case "all-of":
            return nnx.All(*(live_filter(nnx, a) for a in args))
        case "not":
            return nnx.Not(live_filter(nnx, args[0]))
        case "list":
            return [live_filter(nnx, a) for a in args]
        case _:
            return tuple(live_filter(nnx, a) for a in args)


def has_tag(nnx: Any, leaf: Any, tag: Any) -> bool:
    """Whether a leaf is a Variable with that tag, or with that one among several."""
    found = nnx.metadata(leaf).get("tag") if is_variable(nnx, leaf) else None
    return tag in found if isinstance(found, set | frozenset) else bool(found == tag)


def matches(nnx: Any, tree: tuple[Any, ...], path: tuple[Any, ...], leaf: Any) -> bool:
    """Whether the filter that a neutral tree stands for selects a leaf at a path."""
    kind, *args = tree
    match kind:
        case "all":
            return True
        case "none":
            return False
        case "type" | "of-type":
            return isinstance(leaf, args[0])
        case "tag" | "with-tag":
            return has_tag(nnx, leaf, args[0])
        case "path-contains":
            return args[0] in path if args[1] else any(str(args[0]) in str(key) for key in path)
        case "path-in":
            return path in args
        case "lambda":
            return bool(args[0](path, leaf))
        case "all-of":
            return all(matches(nnx, a, path, leaf) for a in args)
        case "not":
            return not matches(nnx, args[0], path, leaf)
        case _:
            return any(matches(nnx, a, path, leaf) for a in args)


def groups(nnx: Any, trees: tuple[Any, ...], found: dict[Any, Any]) -> list[dict[Any, Any]]:
    """Leaves by path, dealt out to the first tree that matches; the last group holds what none matches."""
    dealt: list[dict[Any, Any]] = [{} for _ in range(len(trees) + 1)]
    for path, leaf in found.items():
        index = next((i for i, tree in enumerate(trees) if matches(nnx, tree, path, leaf)), len(trees))
        dealt[index][path] = leaf
    return dealt


def normal_form(tree: tuple[Any, ...]) -> tuple[Any, ...]:
    """A neutral tree with every literal replaced by what it stands for: two filters are the same if these are equal."""
    kind, *args = tree
    match kind:
        case "type" | "of-type":
            return ("of-type", args[0])
        case "tag" | "with-tag":
            return ("with-tag", args[0])
        case "all":
            return ("all",)
        case "none":
            return ("any-of",) if args[0] == () else ("none",)
        case "path-contains":
            return ("path-contains", type(args[0]).__name__, *args)
        case "path-in":
            return ("path-in", frozenset(args))
        case "lambda":
            return ("lambda", id(args[0]))
        case "all-of" | "not":
            return (kind, *map(normal_form, args))
        case _:
            return ("any-of", *map(normal_form, args))


def is_catch_all(tree: tuple[Any, ...]) -> bool:
    """Whether a neutral tree is one of the two literals that may only come last in a sequence."""
    return tree[0] == "all" and (tree[1] is ... or tree[1] is True)


def well_placed(trees: tuple[Any, ...]) -> bool:
    """Whether nothing but catch-alls follows the first catch-all of a sequence."""
    caught = [is_catch_all(tree) for tree in trees]
    return caught == sorted(caught)
