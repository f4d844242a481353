"""Whatever changes between two calls of a compiled function is seen by the second one."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.backends import reference
from nnxspec.reference_impl.statics import is_constant
from nnxspec.spec import observe

BACKEND = reference.load()


class Size:
    """A static value that compares by content, so that it is looked at in each call."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.n == other.n

    def __hash__(self) -> int:
        return hash(self.n)


class Opaque(nnx.Object):
    """A node whose attributes have no status."""

    def __init__(self) -> None:
        self.v = nnx.Variable(jnp.float32(1))
        self.n = 2


class Special(nnx.Dict):
    """A Dict of another class."""


class Net(nnx.Module):
    """A Module with everything that a plan has to look at."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(3.0), role="weight")
        self.b = nnx.BatchStat(jnp.zeros(3))
        self.part = nnx.Dict(x=nnx.Param(jnp.ones(3)), scale=2)
        self.items = nnx.List([nnx.Param(jnp.ones(3)), nnx.Param(jnp.zeros(3)), 5])
        self.box = nnx.Variable({"a": jnp.ones(3)})
        self.array = jnp.ones(3)
        self.plain = nnx.data([nnx.Param(jnp.ones(3)), jnp.zeros(3)])
        self.opaque = Opaque()
        self.n, self.mode, self.shape = 3, "train", (1, ("a", 2.0))
        self.size = nnx.static(Size(4))
        self.act = jax.nn.relu


def total(x: Any) -> Any:
    """A number that depends on all there is."""
    seen = jnp.float32(0)
    for i, (path, value) in enumerate(nnx.iter_graph(x)):
        if isinstance(value, nnx.Variable):
            seen += (len(path) + i) * sum(jnp.sum(leaf) for leaf in jax.tree.leaves(value.get_value()))
            seen += len(repr(sorted(value.get_metadata()))) + len(type(value).__name__)
            seen += len(str(value.get_metadata("role", "")))
        elif isinstance(value, jax.Array | np.ndarray | int | float) and not isinstance(value, bool):
            seen += (i + 1) * jnp.sum(value)
        elif isinstance(value, str):
            seen += len(value)
        elif isinstance(value, Size):
            seen += value.n
        elif isinstance(value, nnx.Pytree):
            seen += len(type(value).__name__)
    return seen


def step(m: Any, x: Any) -> Any:
    """A step of a training: it looks at everything and writes what it finds."""
    for _, value in nnx.iter_graph(m):
        if isinstance(value, nnx.Variable) and not isinstance(value.get_raw_value(), dict):
            value.set_value(value.get_value() + x)
    return total(m)


def replace_node(m: Any) -> None:
    """Another node that is equal."""
    m.part = nnx.Dict(x=nnx.Param(jnp.full(3, 7.0)), scale=2)


def share(m: Any) -> None:
    """One Variable at two places."""
    m.part["x"] = m.w


def swap(m: Any) -> None:
    """Two Variables change places."""
    m.w, m.b = m.b, m.w


def double(variable: Any, value: Any) -> Any:
    """A hook."""
    return value * 2


CHANGES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda m: None,
    "static": lambda m: setattr(m, "n", 4),
    "static of another type": lambda m: setattr(m, "n", 3.0),
    "static around assignment": lambda m: vars(m).update(n=9),
    "tuple": lambda m: setattr(m, "shape", (1, ("a", 3.0))),
    "static that compares by content": lambda m: setattr(m, "size", Size(11)),
    "static becomes data": lambda m: setattr(m, "n", nnx.data(m.n)),
    "new attribute": lambda m: setattr(m, "more", nnx.Param(jnp.ones(3))),
    "new attribute around assignment": lambda m: vars(m).update(more=nnx.Param(jnp.ones(3))),
    "attribute gone": lambda m: delattr(m, "b"),
    "Variable replaced": lambda m: setattr(m, "w", nnx.Param(jnp.ones(3), role="weight")),
    "Variable of another type": lambda m: setattr(m, "w", nnx.Cache(jnp.ones(3), role="weight")),
    "Variable changes its type": lambda m: object.__setattr__(m.w, "__class__", nnx.Intermediate),
    "node replaced": replace_node,
    "node changes its type": lambda m: object.__setattr__(m.part, "__class__", Special),
    "two Variables swapped": swap,
    "shared": share,
    "List longer": lambda m: m.items.append(nnx.Param(jnp.ones(3))),
    "List shorter": lambda m: m.items.pop(0),
    "List reordered": lambda m: m.items.reverse(),
    "List static": lambda m: m.items.__setitem__(2, 6),
    "List status": lambda m: m.items.__setitem__(2, nnx.data(m.items[2])),
    "List attribute": lambda m: setattr(m.items, "note", "text"),
    "Dict entry": lambda m: m.part.__setitem__("y", nnx.Param(jnp.ones(3))),
    "Dict static": lambda m: m.part.__setitem__("scale", 8),
    "Dict entry renamed": lambda m: m.part.__setitem__("z", m.part.pop("x")),
    "metadata": lambda m: m.w.set_metadata(role="other"),
    "metadata more": lambda m: m.b.set_metadata(note="new"),
    "metadata gone": lambda m: m.w.del_metadata("role"),
    "metadata in place": lambda m: m.w._metadata.update(role="in place"),
    "hook": lambda m: m.w.set_metadata(on_get_value=double),
    "value": lambda m: m.w.set_value(jnp.full(3, 9.0)),
    "value of numpy": lambda m: m.w.set_raw_value(np.full(3, 9.0, np.float32)),
    "value of Python": lambda m: m.w.set_raw_value(2.5),
    "value of another dtype": lambda m: m.w.set_value(jnp.arange(3)),
    "value of another shape": lambda m: m.w.set_value(jnp.ones((1, 3))),
    "value in a container": lambda m: m.w.set_value([jnp.ones(3)]) or m.w.set_value(jnp.ones(3)),
    "value with more leaves": lambda m: m.box.set_value({"a": jnp.ones(3), "b": jnp.ones(3)}),
    "array": lambda m: setattr(m, "array", jnp.full(3, 5.0)),
    "array of numpy": lambda m: setattr(m, "array", np.full(3, 5.0, np.float32)),
    "plain list in place": lambda m: m.plain.__setitem__(0, nnx.Param(jnp.full(3, 4.0))),
    "plain list longer": lambda m: m.plain.append(jnp.ones(3)),
    "array in a plain list": lambda m: m.plain.__setitem__(1, jnp.full(3, 6.0)),
    "opaque static": lambda m: setattr(m.opaque, "n", 5),
    "opaque array": lambda m: setattr(m.opaque, "more", jnp.ones(3)),
    "opaque Variable": lambda m: setattr(m.opaque, "v", nnx.Variable(jnp.float32(3))),
    "function": lambda m: setattr(m, "act", jax.nn.gelu),
}


RUN = nnx.jit(step)  # one for all cases, so that what they have in common is compiled once


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_calls_is_seen(change: str) -> None:
    x = jnp.float32(1)
    m, expected = Net(), Net()
    for _ in range(2):
        RUN(m, x)
        step(expected, x)
    held = [m.w, m.items, m.part, m.b]  # so that nothing new takes the place of what goes
    CHANGES[change](m), CHANGES[change](expected)
    for number in range(2):
        got, want = RUN(m, x), step(expected, x)
        assert np.allclose(got, want), number
        assert observe(BACKEND, m) == observe(BACKEND, expected), number
    held.clear()


class Color(enum.Enum):
    """A static value without an equality of its own."""

    RED = 1


@dataclasses.dataclass(frozen=True)
class Frozen:
    """It is frozen, but not what it holds."""

    held: Any


def test_what_cannot_change_in_place_is_known() -> None:
    constants: list[Any] = [1, "a", None, 2.5, b"", jnp.float32, np.dtype("int8"), np.float32(1), len, total, Color.RED]
    constants += [(1, ("a", None)), frozenset({1}), jax.nn.relu, jax.sharding.PartitionSpec("a"), object(), np]
    for value in constants:
        assert is_constant(value), value
    changeable: list[Any] = [[], {}, set(), ([],), (1, Size(1)), Size(1), np.zeros(2), Frozen([]), Frozen(1)]
    changeable += [functools.partial(total, []), collections.OrderedDict(), collections.deque()]
    for value in changeable:
        assert not is_constant(value), value
