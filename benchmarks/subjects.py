"""Subjects: what is measured, as live graphs of a backend, and as the flat list of the same leaves for the floors."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nnxspec.spec import CAPABILITIES, Backend
from nnxspec.spec.observation import Observation, observe
from nnxspec.spec.script import limits_of, world_of

from .elaboration import BATCH_STAT, Long, elaborate_long
from .scripts import SHAPES, script

_REF = getattr(jax, "Ref", ())  # older releases of jax have no references
NOT_OFFERED = "does not offer"
"""How the reason begins of what a backend does not have."""
Token = tuple[str, tuple[int, ...], bytes]


def is_key(leaf: Any) -> bool:
    """Whether it is an array of typed keys."""
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def read(leaf: Any) -> Any:
    """What a leaf holds: the array behind a reference of jax or in a Variable that is no pytree, or the leaf itself."""
    if isinstance(leaf, jax.Array | np.ndarray):
        return leaf
    return leaf[...] if isinstance(leaf, _REF) else leaf.get_value() if hasattr(leaf, "get_value") else leaf


def token(leaf: Any) -> Token:
    """What can be compared of an array: dtype, shape and bytes; of a typed key those of its data."""
    leaf = read(leaf)
    if is_key(leaf):
        data = np.asarray(jax.random.key_data(leaf))
        return str(leaf.dtype), data.shape, data.tobytes()
    array = np.asarray(leaf)
    return str(array.dtype), array.shape, array.tobytes()


def tokens(value: Any) -> Counter[Token]:
    """The arrays in a pytree, whatever their order."""
    return Counter(map(token, jax.tree.leaves(value)))


class Leaves:
    """The leaves of a script as arrays of their own: what raw jax gets.

    Args:
        shape: a name out of `nnxspec.benchmarks.scripts.SHAPES`.
        size: how many Variables.
        without: limits of the backend on the script.

    Attributes:
        params: the values of the Params in the order of making.
        stats: those of the BatchStats.
        streams: keys and counts of the Rngs.
    """

    def __init__(self, shape: str, size: int, without: frozenset[str] = frozenset()) -> None:
        self.shape, self.size = shape, size
        self.long = _long(shape, size, without)
        names = {"jnp": jnp, "np": np, "jax": jax}
        compiled = {code: compile(code, "<leaf>", "eval") for code in {code for _, code in self.long.values}}
        values = [(cls, eval(compiled[code], names)) for cls, code in self.long.values]
        self.params = [value for cls, value in values if cls != BATCH_STAT]
        self.stats = [value for cls, value in values if cls == BATCH_STAT]
        self.streams = [x for seed in self.long.seeds for x in (jax.random.key(seed), jnp.zeros((), "uint32"))]

    @property
    def values(self) -> list[Any]:
        """The values that a forward pass reads: all but the streams."""
        return [*self.params, *self.stats]

    @property
    def all(self) -> list[Any]:
        """Every leaf."""
        return [*self.params, *self.stats, *self.streams]


@functools.lru_cache(maxsize=4)
def _long(shape: str, size: int, without: frozenset[str]) -> Long:
    return elaborate_long(script(shape, size), without)


class Subject:
    """A graph of a backend.

    Args:
        nnx: the backend.
        shape: a name out of `nnxspec.benchmarks.scripts.SHAPES`.
        size: how many Variables.

    Raises:
        Unsupported: the backend cannot have such graphs.
    """

    def __init__(self, nnx: Backend, shape: str, size: int) -> None:
        self.nnx = nnx
        self.leaves = Leaves(shape, size, limits_of(nnx))
        # Not `World.define`, which would keep functions of megabytes.
        self._globals = dict(world_of(nnx).globals)
        exec(compile(self.leaves.long.classes, "<classes>", "exec"), self._globals)
        self.make: Callable[[], Any] = self._defined(self.leaves.long.make)

    @functools.cached_property
    def body(self) -> Callable[[int, Any], tuple[Any, ...]]:
        """Gives the values of all Variables of a graph; its first argument plays no role."""
        found: Callable[[int, Any], tuple[Any, ...]] = self._defined(self.leaves.long.body)
        return found

    @functools.cached_property
    def params(self) -> Callable[[Any], list[Any]]:
        """Gives the Params of a graph, in the order of `Leaves.params`."""
        found: Callable[[Any], list[Any]] = self._defined(self.leaves.long.params)
        return found

    @property
    def notes(self) -> tuple[str, ...]:
        """What the limits of the backend have taken out of the subject, in words."""
        return self.leaves.long.notes

    @functools.cached_property
    def graph(self) -> Any:
        """The graph. Operations that change it put it back as it was."""
        return self.make()

    @functools.cached_property
    def observed(self) -> Observation:
        """What can be seen of the graph, looked at before anything is done to it."""
        return observe(self.nnx, self.graph)

    def holders(self) -> list[tuple[Any, str, Any]]:
        """Where the BatchStats of the graph stand: node, name, and the Variable itself."""
        return [(node, name, getattr(node, name)) for node, name in self._defined(self.leaves.long.holders)(self.graph)]

    def _defined(self, source: str) -> Any:
        scope: dict[str, Any] = {}
        exec(compile(source, "<script>", "exec"), self._globals, scope)
        return next(iter(scope.values()))


def missing(nnx: Backend, shape: str, uses: Iterable[str]) -> str | None:
    """Why a backend cannot do what uses these names on graphs of a shape, in words; None if it can."""
    needs = [name for name in (SHAPES[shape].needs,) if name]
    name = nnx.missing([*needs, *uses])
    return None if name is None else lacking(name)


def lacking(name: str) -> str:
    """In words that a capability or public name is not offered."""
    if name not in CAPABILITIES:
        return f"{NOT_OFFERED} {name}"
    meaning = CAPABILITIES[name].meaning.rstrip(".")
    return f"{NOT_OFFERED} {name}: {meaning[0].lower()}{meaning[1:]}"
