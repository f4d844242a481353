"""Literals of scripts: leaf values, statics and metadata, each a small tuple of choices that prints as Python.

Whatever prints is what runs: `Literal.code` is evaluated to get the live value, so the two cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .data import data


@runtime_checkable
class Literal(Protocol):
    """Input data that stands for a Python expression over ``nnx``, ``jax``, ``jnp``, ``np`` and the script classes."""

    def code(self) -> str:
        """The expression."""
        ...


INTEGERS = ("int8", "int16", "int32", "uint8", "uint32")
FLOATS = ("float16", "bfloat16", "float32")
DTYPES = ("float32", "int32", "bool", "bfloat16", "uint8", "float16", "int8", "int16", "uint32", "complex64")
WIDE = ("float64", "int64", "uint64", "complex128")
KEYS = ("threefry2x32", "rbg", "unsafe_rbg")
SHAPES: tuple[tuple[int, ...], ...] = ((), (2,), (2, 3), (0,), (1,), (3, 0))
HOLDERS = ("jax", "numpy", "key", "python", "abstract", "weak", "none", "list", "dict")
_PYTHON = ("1", "2.5", "True", "1j", "-0.0")
_SPECIAL = ("float('nan')", "float('inf')", "-0.0")


def _numbers(dtype: str, size: int, seed: int) -> list[str]:
    if dtype == "bool":
        return [str(bool((seed + i) % 2)) for i in range(size)]
    if dtype in FLOATS and seed % 7 == 6:
        return [_SPECIAL[(seed + i) % 3] for i in range(size)]
    signed = not dtype.startswith("uint") and seed % 5 == 4
    values = [(seed + i) % 5 for i in range(size)]
    return [str(-v if signed else v) for v in values]


def _nested(numbers: list[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return numbers[0]
    step = len(numbers) // shape[0] if shape[0] else 0
    return "[" + ", ".join(_nested(numbers[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])) + "]"


@data("leaf")
@dataclass(frozen=True)
class Leaf:
    """A leaf value.

    Args:
        holder: one of `HOLDERS`, what holds the value.
        dtype: dtype name; for keys, the key implementation.
        shape: shape; ignored where the holder has none.
        seed: small int that picks the numbers; exact in every dtype.
    """

    holder: str = "jax"
    dtype: str = "float32"
    shape: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.holder not in HOLDERS:
            raise ValueError(f"unknown holder {self.holder!r}; known: {', '.join(HOLDERS)}")

    def code(self) -> str:
        size = 1
        for extent in self.shape:
            size *= extent
        if self.holder == "key":
            impl = "" if self.dtype == "threefry2x32" else f", impl={self.dtype!r}"
            key = f"jax.random.key({self.seed}{impl})"
            return f"jax.random.split({key}, {self.shape!r})" if self.shape else key
        if self.holder == "python":
            return _PYTHON[self.seed % len(_PYTHON)]
        if self.holder == "none":
            return "None"
        if self.holder == "abstract":
            return f"jax.ShapeDtypeStruct({self.shape!r}, jnp.{self.dtype if self.dtype != 'bool' else 'bool_'})"
        if self.holder == "weak":
            return f"jnp.asarray({float(self.seed)})"
        if self.holder == "list":
            return f"[{Leaf('jax', self.dtype, self.shape, self.seed).code()}, {self.seed}]"
        if self.holder == "dict":
            return f"{{'k': {Leaf('jax', self.dtype, self.shape, self.seed).code()}}}"
        module = "jnp" if self.holder == "jax" else "np"
        numbers = _nested(_numbers(self.dtype, size, self.seed), self.shape) if size else None
        if numbers is None:
            numbers = str([[]] * self.shape[0] if len(self.shape) > 1 else [])
        return f"{module}.array({numbers}, {self._dtype_code(module)})"

    def _dtype_code(self, module: str) -> str:
        # numpy does not know bfloat16 by name.
        return "jnp.bfloat16" if module == "np" and self.dtype == "bfloat16" else repr(self.dtype)


FUNCTIONS = """def activation(x):
    return x


def other_activation(x):
    return -x
"""

STATICS = (
    "1",
    "'s'",
    "None",
    "True",
    "1.0",
    "0",
    "False",
    "0.0",
    "-0.0",
    "(1, True, 1.0)",
    "(1, 1, 1)",
    "(0.0, 'a')",
    "(-0.0, 'a')",
    "activation",
    "other_activation",
    "int",
    "('a', (None, 2))",
    "jnp.float32",
    "2**70",
    "float('nan')",
    "frozenset({1, 2})",
    # unhashable from here on
    "[1, 2]",
    "{'k': 1}",
    "[1, [True]]",
)
UNHASHABLE_STATICS = 3
"""How many entries at the end of `STATICS` are unhashable."""


@data("static")
@dataclass(frozen=True)
class Static:
    """A static value: an entry of `STATICS` by index (taken modulo its length)."""

    index: int = 0

    def code(self) -> str:
        return STATICS[self.index % len(STATICS)]


@data("nested")
@dataclass(frozen=True)
class Nested:
    """A static made of others.

    Args:
        kind: one of `NESTINGS`, or the code of an atom.
        parts: what is inside; the values of a dict, whose keys are their positions, and the arguments of a partial.
    """

    kind: str = "1"
    parts: tuple[Nested, ...] = ()

    def code(self) -> str:
        inner = [part.code() for part in self.parts]
        match self.kind:
            case "tuple":
                return f"({''.join(f'{code}, ' for code in inner)})"
            case "list":
                return f"[{', '.join(inner)}]"
            case "set" | "frozenset":
                return f"{self.kind}([{', '.join(inner)}])"
            case "dict":
                return f"{{{', '.join(f'{i}: {code}' for i, code in enumerate(inner))}}}"
            case "dict-backwards":
                return f"{{{', '.join(f'{i}: {code}' for i, code in reversed([*enumerate(inner)]))}}}"
            case _:
                return self.kind


NESTINGS = ("tuple", "list", "set", "frozenset", "dict", "dict-backwards")
"""What a `Nested` may be; the insertion of the last is the other way round than that of a dict."""


METADATA = (
    "",
    "tag='t'",
    "tag='u', note=1",
    "note=True",
    "note=1.0",
    "note=(1, 'x')",
    "note=None, extra='e'",
    "extra='e', note=None",
    "scale=0.0",
    "scale=-0.0",
    "fn=activation",
    # unhashable from here on
    "items_=[1, 2]",
    "table={'k': 1}",
)
UNHASHABLE_METADATA = 2
"""How many entries at the end of `METADATA` are unhashable."""


@data("metadata")
@dataclass(frozen=True)
class Metadata:
    """Metadata as keyword arguments: an entry of `METADATA` by index; its code is a ``dict(...)`` call."""

    index: int = 0

    def keywords(self) -> str:
        """The entries as keyword arguments of a Variable's constructor; may be empty."""
        return METADATA[self.index % len(METADATA)]

    def code(self) -> str:
        return f"dict({self.keywords()})"
