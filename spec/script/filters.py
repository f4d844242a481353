"""Filter expressions as data: an expression prints as a live filter, or as a neutral tree that oracles can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .data import data

KINDS = (
    "type",
    "of-type",
    "tag",
    "with-tag",
    "all",
    "none",
    "path-contains",
    "path-in",
    "lambda",
    "any-of",
    "all-of",
    "not",
    "list",
    "tuple",
)
LITERALS = {"all": ("...", "True", "nnx.Everything()"), "none": ("None", "False", "nnx.Nothing()", "()")}
PREDICATES = (
    "lambda path, leaf: len(path) > 1",
    "lambda path, leaf: len(path) % 2",
    "lambda path, leaf: [] if path and path[-1] == 'a' else 'yes'",
)


@data("filter")
@dataclass(frozen=True)
class FilterExpr:
    """A filter expression.

    Args:
        kind: one of `KINDS`.
        args: for ``type``/``of-type`` the class's code; for ``tag``/``with-tag`` the tag; for ``all``, ``none`` and
            ``lambda`` an index into the spellings; for ``path-contains`` a key and whether it is exact; for ``path-in``
            paths; for the rest sub-expressions.
    """

    kind: str
    args: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown filter {self.kind!r}; known: {', '.join(KINDS)}")

    def code(self) -> str:
        parts = [a.code() for a in self.args if isinstance(a, FilterExpr)]
        inner = ", ".join(parts)
        match self.kind:
            case "type":
                return f"{self.args[0]}"
            case "of-type":
                return f"nnx.OfType({self.args[0]})"
            case "tag":
                return repr(self.args[0])
            case "with-tag":
                return f"nnx.WithTag({self.args[0]!r})"
            case "all" | "none":
                spellings = LITERALS[self.kind]
                index: int = self.args[0]
                return spellings[index % len(spellings)]
            case "lambda":
                return f"({PREDICATES[self.args[0] % len(PREDICATES)]})"
            case "path-contains":
                return f"nnx.PathContains({self.args[0]!r}" + ("" if self.args[1] else ", exact=False") + ")"
            case "path-in":
                return f"nnx.PathIn({', '.join(map(repr, self.args))})"
            case "any-of":
                return f"nnx.Any({inner})"
            case "all-of":
                return f"nnx.All({inner})"
            case "not":
                return f"nnx.Not({inner})"
            case "list":
                return f"[{inner}]"
            case _:
                return f"({inner},)" if parts else "()"

    @property
    def inexact(self) -> bool:
        """Whether a part of it looks for a text inside of keys."""
        parts = [a for a in self.args if isinstance(a, FilterExpr)]
        return self.kind == "path-contains" and not self.args[1] or any(a.inexact for a in parts)

    @property
    def depth(self) -> int:
        """Nesting depth; 1 for an expression without sub-expressions."""
        return 1 + max((a.depth for a in self.args if isinstance(a, FilterExpr)), default=0)


@data("filter-tree")
@dataclass(frozen=True)
class FilterTree:
    """The neutral tree of an expression: nested tuples ``(kind, *args)`` with live types, lambdas and plain values."""

    expression: FilterExpr

    def code(self) -> str:
        return _tree(self.expression)


def _tree(expression: FilterExpr) -> str:
    if expression.kind in ("type", "of-type"):
        return f"({expression.kind!r}, {expression.args[0]})"
    if expression.kind in ("all", "none", "lambda"):
        return f"({expression.kind!r}, {expression.code()})"
    args = [_tree(a) if isinstance(a, FilterExpr) else repr(a) for a in expression.args]
    return "(" + ", ".join([repr(expression.kind), *args]) + ",)"
