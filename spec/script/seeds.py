"""Seeds of random streams as literals: whatever an Rngs takes for a stream, and what it must not take."""

from __future__ import annotations

from dataclasses import dataclass

from .data import data

SEED_KINDS = ("int", "key", "data", "numpy-data", "bool")
BAD_SEEDS = (
    "1.5",
    "'0'",
    "None",
    "(0, 1)",
    "[0]",
    "jnp.array(3.0)",
    "jnp.array([1.0, 2.0])",
    "jnp.array(3)",
    "np.float32(1)",
    "np.array([1, 2])",
    "object()",
    "jax.random.key",
    "{1: 2}",
    "1j",
    "b'0'",
)
"""Values that are no seeds; None and mappings are left to named streams, where the default does not take them."""


@data("seed")
@dataclass(frozen=True)
class Seed:
    """A seed of a stream.

    Args:
        kind: ``int``, typed ``key``, raw uint32 key ``data`` (jax) or ``numpy-data``, or ``bool``.
        value: the number.
        impl: key implementation, for ``key``.
    """

    kind: str = "int"
    value: int = 0
    impl: str = "threefry2x32"

    def __post_init__(self) -> None:
        if self.kind not in SEED_KINDS:
            raise ValueError(f"unknown seed {self.kind!r}; known: {', '.join(SEED_KINDS)}")

    def code(self) -> str:
        match self.kind:
            case "int":
                return repr(self.value)
            case "bool":
                return repr(bool(self.value % 2))
            case "key":
                return f"jax.random.key({self.value}, impl={self.impl!r})"
            case _:
                module = "jnp" if self.kind == "data" else "np"
                return f"{module}.array([{self.value % 7}, {self.value % 1000}], 'uint32')"


@data("bad-seed")
@dataclass(frozen=True)
class BadSeed:
    """A value that is no seed: an entry of `BAD_SEEDS`."""

    index: int = 0

    def code(self) -> str:
        return BAD_SEEDS[self.index % len(BAD_SEEDS)]
