"""Static values: when two are the same, which are refused, and how they are copied.

A GraphDef is compared by its statics, and a compiled function is reused for an equal GraphDef. Python's `==` is too
generous for that (`1 == True == 1.0`, `0.0 == -0.0`) and too strict for NaN. `freeze` turns a value into a key whose
`==` is equality by value *and* type; the key is hashable when the value is.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import operator
import types
from collections import OrderedDict, defaultdict, deque
from typing import Any

import jax
import numpy as np

_PLAIN = (int, str, bool, bytes, type(None), type, types.FunctionType, types.BuiltinFunctionType)
_CONSTANT = frozenset((*_PLAIN, float, complex, types.MethodType))
_IMMUTABLE = (type, np.dtype, np.generic, jax.sharding.PartitionSpec, jax.sharding.Sharding)
_NOT_ENTERED = (*_PLAIN, float, complex, types.ModuleType, types.MethodType, np.dtype, np.generic)


class _Key:
    """A key that compares by `content` but hashes only `hashed`; nothing hashed means unhashable."""

    __slots__ = ("content", "hashed")

    def __init__(self, content: Any, *hashed: Any) -> None:
        self.content = content
        self.hashed = hashed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.content == other.content

    def __hash__(self) -> int:
        if not self.hashed:
            raise TypeError(f"unhashable static or metadata value of type {self.content[0].__name__!r}")
        return hash(self.hashed)


def freeze(value: Any) -> Any:
    """A key for `value` that equals another key only if values and types are equal all the way down."""
    cls = type(value)
    if cls in (int, str, bool, bytes):
        return (cls, value)
    if cls is float:
        return (cls, value.hex())
    if cls is complex:
        return (cls, value.real.hex(), value.imag.hex())
    if cls is tuple:
        return (cls, *map(freeze, value))
    if cls is frozenset:
        return (cls, frozenset(map(freeze, value)))
    if cls in (list, deque):
        return _Key((cls, *map(freeze, value)))
    if cls is set:
        return _Key((cls, frozenset(map(freeze, value))))
    if cls is OrderedDict:
        return _Key((cls, *[(freeze(key), freeze(item)) for key, item in value.items()]))
    if cls in (dict, defaultdict):
        factory = value.default_factory if cls is defaultdict else None
        return _Key((cls, factory, {freeze(key): freeze(item) for key, item in value.items()}))
    if isinstance(value, np.generic):
        return (cls, value.dtype.str, value.tobytes())
    if isinstance(value, (np.ndarray, jax.Array)) and not isinstance(value, jax.core.Tracer):
        return _Key((cls, value) if value.dtype == object else _array_key(value))
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return (cls, *map(freeze, value))
    if cls is functools.partial:  # compares by identity in Python, which no copy survives
        return _Key((cls, freeze(value.func), freeze(value.args), freeze(value.keywords)), cls, freeze(value.func))
    if dataclasses.is_dataclass(value) and cls.__dataclass_params__.eq:
        fields = (cls, *[freeze(getattr(value, field.name)) for field in dataclasses.fields(value) if field.compare])
        return _Key(fields) if cls.__hash__ is None else _Key(fields, *fields)
    return (cls, value)


def is_constant(value: Any) -> bool:
    """Whether `freeze(value)` can be no other as long as `value` is the same object. False where that is not known."""
    cls = type(value)
    if cls in _CONSTANT or isinstance(value, _IMMUTABLE):
        return True
    if cls is tuple or cls is frozenset or (isinstance(value, tuple) and hasattr(cls, "_fields")):
        return all(map(is_constant, value))
    has_own_equality = any("__eq__" in base.__dict__ for base in cls.__mro__[:-1])
    return not has_own_equality and cls is not functools.partial  # then it is frozen as itself


def _array_key(value: Any) -> tuple[Any, ...]:
    if jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key):
        return (type(value), str(value.dtype), *_array_key(jax.random.key_data(value)))
    return (type(value), str(value.dtype), value.shape, np.asarray(value).tobytes())


def find_array(value: Any) -> Any | None:
    """An array that can be reached from a static value, or None.

    Containers, the attributes of objects and the arguments of partials are searched; functions, types and modules are
    not, and neither are arrays of Python objects (a device mesh holds one).
    """
    if type(value) in _NOT_ENTERED:
        return None
    seen: dict[int, Any] = {}  # keeps what it has seen alive, or ids would be used again
    stack = [value]
    while stack:
        x = stack.pop()
        if isinstance(x, _NOT_ENTERED) or id(x) in seen:
            continue
        seen[id(x)] = x
        if isinstance(x, (np.ndarray, jax.Array, jax.Ref)):
            if x.dtype != object:
                return x
        elif isinstance(x, (list, tuple, set, frozenset, deque)):
            stack.extend(x)
        elif isinstance(x, dict):
            stack.extend(x)
            stack.extend(x.values())
        elif isinstance(x, functools.partial):
            stack.extend((x.func, x.args, x.keywords))
        elif jax.tree_util.default_registry.is_node(type(x)):
            stack.extend(jax.tree.leaves(x, is_leaf=functools.partial(operator.is_not, x)))
        stack.extend(_attributes(x))
    return None


def _attributes(x: Any) -> list[Any]:
    found = list(getattr(x, "__dict__", {}).values())
    for cls in type(x).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            mangled = (
                f"_{cls.__name__.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name
            )
            descriptor = cls.__dict__.get(mangled)
            if isinstance(descriptor, types.MemberDescriptorType) and hasattr(x, mangled):
                found.append(getattr(x, mangled))
    return found


def deep_copy_static(value: Any, memo: dict[int, Any]) -> Any:
    """`copy.deepcopy`, except that an object which its own copy does not equal is shared: it *is* its identity."""
    copied = copy.deepcopy(value, memo)
    return copied if freeze(copied) == freeze(value) else value
