"""Literals that laws on Variables take as operands: indices of every kind, and classes of Variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .data import data
from .world import VARIABLES

INDEX_KINDS = (
    "int",
    "slice",
    "ellipsis",
    "none",
    "np-int",
    "jnp-int",
    "np-ints",
    "jnp-ints",
    "np-mask",
    "jnp-mask",
    "bool",
    "empty",
    # refused by jax from here on
    "list",
    "str",
    "float",
    "np-floats",
    "jnp-floats",
)
REFUSED_KINDS = 5
"""How many entries at the end of `INDEX_KINDS` jax refuses as indices."""


def _part(kind: str, *args: Any) -> str:
    match kind:
        case "slice":
            return "slice(" + ", ".join(map(repr, args)) + ")"
        case "ellipsis":
            return "..."
        case "none":
            return "None"
        case "np-int":
            return f"np.int32({args[0]})"
        case "jnp-int":
            return f"jnp.asarray({args[0]}, 'int32')"
        case "np-ints" | "np-mask" | "np-floats" | "jnp-ints" | "jnp-mask" | "jnp-floats":
            dtype = {"ints": "int32", "mask": "bool", "floats": "float32"}[kind.split("-")[1]]
            return f"{kind.split('-')[0]}.array({_listed(args)}, {dtype!r})"
        case "list":
            return _listed(args)
        case "empty":
            return "()"
        case _:
            return repr(args[0])


def _listed(args: Any) -> str:
    return "[" + ", ".join(_listed(a) if isinstance(a, tuple) else repr(a) for a in args) + "]"


@data("index")
@dataclass(frozen=True)
class Index:
    """What stands between the brackets of ``v[...]``.

    Args:
        parts: for each position ``(kind, *arguments)`` with a kind out of `INDEX_KINDS`; arguments are plain numbers.
        bare: whether a single part stands alone instead of in a tuple of one.
    """

    parts: tuple[tuple[Any, ...], ...] = ()
    bare: bool = True

    def __post_init__(self) -> None:
        for part in self.parts:
            if not part or part[0] not in INDEX_KINDS:
                raise ValueError(f"unknown part of an index {part!r}; known kinds: {', '.join(INDEX_KINDS)}")

    def code(self) -> str:
        codes = [_part(*part) for part in self.parts]
        if self.bare and len(codes) == 1:
            return codes[0]
        return "(" + "".join(code + ", " for code in codes).strip() + ")"


@data("variable-class")
@dataclass(frozen=True)
class VariableClass:
    """A class of Variables: an entry of `nnxspec.spec.script.world.VARIABLES` by index (taken modulo its length)."""

    index: int = 0

    def code(self) -> str:
        return VARIABLES[self.index % len(VARIABLES)]
