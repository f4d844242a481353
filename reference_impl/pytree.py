"""`Pytree`, the base of everything that has attributes and identity; `Object` is the same, opaque to jax.tree.

Each instance remembers, next to its attributes, which of them are data and at which trace level it was made. Both live
in slots, so that `vars(obj)` holds the user's attributes and nothing else.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import threading
from abc import ABCMeta
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

import jax
import numpy as np

from .graphdef import NodeDef
from .names import MOST, names_of
from .nodes import Maker, NodeType, Parts, register_graph_node
from .paths import Key
from .statics import deep_copy_static, freeze
from .status import Annotated, admit, check_value, is_data
from .tracers import TraceContextError, TraceState, trace_state

P = TypeVar("P", bound="Pytree")


class PytreeMeta(ABCMeta):
    """Checks an object when its constructor returns."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Construct an instance.

        Raises:
            ValueError: the constructor left data in a static attribute.
        """
        node = super().__call__(*args, **kwargs)
        if isinstance(node, Pytree):
            node._pytree_constructed()
        return node


class Pytree(metaclass=PytreeMeta):
    """An object whose attributes are data or static.

    Subclasses are jax pytrees: the data attributes, in sorted order, are the children, the static ones are in the
    treedef. With the class keyword `pytree=False` a class is opaque to jax.tree and its attributes have no status: the
    graph functions then look for arrays and Variables by themselves. Subclasses inherit the choice.
    """

    __slots__ = ("__dict__", "__weakref__", "_pytree__elements", "_pytree__status", "_pytree__trace")

    _pytree__is_pytree = True
    _pytree__declared: dict[str, bool] = {}  # replaced, never changed, by __init_subclass__
    _pytree__container: Callable[[], Any] = type(None)  # what List and Dict keep their elements in
    _pytree__elements: Any
    _pytree__status: dict[str, bool]
    _pytree__trace: TraceState

    def __init_subclass__(cls, *, pytree: bool | None = None, **kwargs: Any) -> None:
        """Register the class as a graph node and as a jax pytree.

        Raises:
            TypeError: the class declares `__slots__`.
            ValueError: the metadata of a field has a `static` that is no bool.
        """
        super().__init_subclass__(**kwargs)
        if "__slots__" in vars(cls):
            raise TypeError(
                f"{cls.__name__} declares __slots__, which a Pytree cannot have: attributes must be listable"
            )
        if pytree is not None:
            cls._pytree__is_pytree = pytree
        declared = dict(cls._pytree__declared)
        for name, value in vars(cls).items():
            if isinstance(value, dataclasses.Field) and "static" in value.metadata:
                static = value.metadata["static"]
                if not isinstance(static, bool):
                    raise ValueError(
                        f"{cls.__name__}.{name}: the field metadata 'static' must be a bool, got {static!r}"
                    )
                declared[name] = not static
        cls._pytree__declared = declared
        register_graph_node(cls, _PYTREE_NODE)
        if cls._pytree__is_pytree:
            jax.tree_util.register_pytree_with_keys(cls, _flatten_with_keys, _Rebuild(cls), _flatten)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """An instance without attributes, of the present trace."""
        return cls._pytree_empty(trace_state())

    @classmethod
    def _pytree_empty(cls, trace: TraceState) -> Self:
        self = object.__new__(cls)
        _set_trace(self, trace)
        _set_status(self, dict(cls._pytree__declared))
        _set_elements(self, cls._pytree__container())
        return self

    # ---- attributes ----

    def __setattr__(self, name: str, value: Any) -> None:
        """Assign an attribute; the first assignment decides its status.

        Raises:
            ValueError: see `admit`.
            TraceContextError: the object was created at another trace level.
        """
        if _is_descriptor(type(self), name):
            object.__setattr__(self, name, value)
            return
        self._pytree_check_writable(f"set attribute {name!r}")
        self._pytree_set_attribute(name, value)

    def _pytree_set_attribute(self, name: str, value: Any) -> None:
        value, as_data = self._pytree_admit(name, value)
        object.__setattr__(self, name, value)
        if as_data is not None:
            self._pytree__status[name] = as_data

    def __delattr__(self, name: str) -> None:
        """Delete an attribute and forget its status."""
        self._pytree_check_writable(f"delete attribute {name!r}")
        object.__delattr__(self, name)
        self._pytree_forget(name)

    def _pytree_forget(self, name: str) -> None:
        self._pytree__status.pop(name, None)
        if name in self._pytree__declared:  # what the class says stays
            self._pytree__status[name] = self._pytree__declared[name]

    def _pytree_admit(self, name: str, value: Any) -> tuple[Any, bool | None]:
        """The bare value and the status that it would get on assignment; refuses what assignment refuses."""
        if not self._pytree__is_pytree:
            return (value.value if isinstance(value, Annotated) else value), None
        return admit(f"{type(self).__name__}.{name}", value, self._pytree__status.get(name))

    def _pytree_check_writable(self, what: str) -> None:
        if not self._pytree__trace.is_valid():
            raise TraceContextError(
                f"cannot {what} of this {type(self).__name__}: it was created in another JAX trace; pass it to the"
                " transformed function as an argument, or create it inside"
            )

    def _pytree_constructed(self) -> None:
        """Give a status to attributes that were set around `__setattr__`, and check all of them."""
        if not self._pytree__is_pytree:
            return
        attributes, status = vars(self), self._pytree__status
        for name, value in attributes.items():
            if isinstance(value, Annotated):
                attributes[name], status[name] = value.value, value.is_data
            elif name not in status:
                status[name] = is_data(value)
        check_pytree(self)

    # ---- as a node: List and Dict add their elements to these four ----

    def _pytree_parts(self) -> Parts:
        attributes = self.__dict__
        names = names_of(self)
        keys, values = names.keys, names.pick(attributes)
        if not self._pytree__is_pytree:
            return Parts(keys, values)
        status = self._pytree__status
        try:
            return Parts(keys, values, names.pick(status))
        except KeyError:  # set around __setattr__
            flags = [status[k] if k in status else is_data(v) for k, v in zip(keys, values, strict=True)]
            return Parts(keys, values, tuple(flags))

    def _pytree_fill(self, parts: Parts) -> None:
        keys, values, flags, _ = parts
        self.__dict__.update(zip(keys, values, strict=True))
        if flags is not None:
            self._pytree__status.update(zip(keys, flags, strict=True))

    def _pytree_set(self, key: Key, value: Any) -> None:
        vars(self)[key] = value

    def _pytree_remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            del vars(self)[key]
            self._pytree_forget(key)

    # ---- copies ----

    def __copy__(self) -> Self:
        new: Self = empty(type(self))
        new._pytree_fill(self._pytree_parts())
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        new: Self = empty(type(self))
        memo[id(self)] = new
        parts = self._pytree_parts()
        flags = parts.flags or (True,) * len(parts.keys)
        values = [
            copy.deepcopy(value, memo) if is_data else deep_copy_static(value, memo)
            for value, is_data in zip(parts.values, flags, strict=True)
        ]
        new._pytree_fill(parts._replace(values=values))
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        parts = self._pytree_parts()
        return empty, (type(self),), (parts.keys, list(parts.values), parts.flags)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Fill a restored object; it belongs to the trace in which it is restored."""
        self._pytree_fill(Parts(*state))

    def __repr__(self) -> str:
        name = type(self).__name__
        shown: set[int] = _SHOWN.__dict__.setdefault("ids", set())
        if id(self) in shown or len(shown) > _REPR_DEPTH:
            return f"{name}(...)"
        shown.add(id(self))
        try:
            parts = self._pytree_parts()
            return f"{name}({', '.join(f'{k}={_shown(v)}' for k, v in zip(parts.keys, parts.values, strict=True))})"
        finally:
            shown.discard(id(self))


# The slots themselves, in half the time of object.__setattr__, which looks for the name in all base classes.
_set_trace, _set_status, _set_elements = (
    Pytree.__dict__[name].__set__ for name in ("_pytree__trace", "_pytree__status", "_pytree__elements")
)


_SHOWN = threading.local()  # the objects whose repr is being made, to end at cycles
_REPR_DEPTH = 20


def _shown(value: Any) -> str:
    if isinstance(value, (jax.Array, np.ndarray)) and value.size > 1:
        return f"Array(shape={value.shape}, dtype={value.dtype})"
    return repr(value)


def _is_descriptor(cls: type, name: str) -> bool:
    """True if the class attribute itself (not what it returns) takes over assignment, as a property does."""
    return any(hasattr(type(base.__dict__[name]), "__set__") for base in cls.__mro__ if name in base.__dict__)


def empty(cls: type[P]) -> P:
    """An instance of `cls` without attributes, made without any code of the class."""
    return cls._pytree_empty(trace_state())


def check_pytree(node: Any, /) -> None:
    """Check that no static attribute of `node` holds data and no attribute holds an annotation.

    Raises:
        ValueError: one does.
        TypeError: `node` is no Pytree.
    """
    if not isinstance(node, Pytree):
        raise TypeError(f"check_pytree takes a Pytree, got {type(node).__name__}")
    parts = node._pytree_parts()
    for key, value, flag in zip(parts.keys, parts.values, parts.flags or (), strict=bool(parts.flags)):
        check_value(f"{type(node).__name__}.{key}", value, flag)


# ---- as a graph node and as a jax pytree ---------------------------------------------------------------------------


@functools.lru_cache(1024)
def _maker(cls: type[Pytree], keys: tuple[str, ...], flags: tuple[bool, ...]) -> Maker:
    """`_pytree_fill` for nodes without elements."""
    status = cls._pytree__declared | dict(zip(keys, flags, strict=True))

    def make(node: Pytree, values: Sequence[Any]) -> Pytree:
        node.__dict__.update(zip(keys, values))  # noqa: B905  # strict=True takes longer than all the rest
        _set_status(node, status.copy())
        return node

    return make


class _PytreeNode(NodeType):
    identity = True
    mutable = True

    def flatten(self, node: Any) -> Parts:
        parts: Parts = node._pytree_parts()
        return parts

    def take_apart(self, node: Any) -> tuple[NodeDef, Sequence[Any]]:
        if node._pytree__elements is None and node._pytree__is_pytree:
            names = names_of(node)
            try:
                return names.defs[names.pick(node._pytree__status)], names.pick(node.__dict__)
            except KeyError:  # there was none of that kind yet, or an attribute has no status
                nodedef, values = super().take_apart(node)
                names.defs[nodedef.flags] = nodedef
                return nodedef, values
        return super().take_apart(node)

    def by_key(self, node: Any) -> tuple[Mapping[Key, Any], Mapping[Key, bool | None]]:
        return super().by_key(node) if node._pytree__elements is not None else (vars(node), node._pytree__status)

    def create(self, cls: Any, trace: TraceState | None = None) -> Any:
        return empty(cls) if trace is None else cls._pytree_empty(trace)

    def fill(self, node: Any, parts: Parts) -> None:
        node._pytree_fill(parts)

    def maker(self, nodedef: NodeDef) -> Maker:
        cls, keys, flags, _ = nodedef
        if flags is None or len(keys) > MOST or cls._pytree__container is not type(None):  # type: ignore[attr-defined]
            return super().maker(nodedef)
        return _maker(cls, keys, flags)

    def set(self, node: Any, key: Key, value: Any) -> None:
        node._pytree_set(key, value)

    def remove(self, node: Any, keys: Iterable[Key]) -> None:
        node._pytree_remove(keys)

    def check_writable(self, node: Any) -> None:
        node._pytree_check_writable("change the content")


_PYTREE_NODE = _PytreeNode()
register_graph_node(Pytree, _PYTREE_NODE)


class _Layout:
    """What of a Pytree goes into the treedef: the keys and the statics, compared by value and type."""

    __slots__ = ("_key", "data_keys", "static_keys", "statics")

    def __init__(self, data_keys: tuple[Key, ...], static_keys: tuple[Key, ...], statics: tuple[Any, ...]) -> None:
        self.data_keys = data_keys
        self.static_keys = static_keys
        self.statics = statics
        self._key = (data_keys, static_keys, freeze(statics))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Layout) and bool(self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        named = zip(self.static_keys, self.statics, strict=True)
        return f"data: {self.data_keys}, static: {dict(named)}"


def _flatten(node: Pytree) -> tuple[list[Any], _Layout]:
    keys, values, flags, _ = node._pytree_parts()
    assert flags is not None
    items = list(zip(keys, values, flags, strict=True))
    static_keys = tuple([key for key, _, is_data in items if not is_data])
    statics = tuple([value for _, value, is_data in items if not is_data])
    data_keys = tuple([key for key, _, is_data in items if is_data])
    return [value for _, value, is_data in items if is_data], _Layout(data_keys, static_keys, statics)


def _flatten_with_keys(node: Pytree) -> tuple[list[tuple[Any, Any]], _Layout]:
    values, layout = _flatten(node)
    entry = {int: jax.tree_util.SequenceKey, str: jax.tree_util.GetAttrKey}
    return [(entry[type(key)](key), value) for key, value in zip(layout.data_keys, values, strict=True)], layout


class _Rebuild:
    """Makes instances of a class from their layout and data, whatever the data are (jax puts anything there)."""

    def __init__(self, cls: type[Pytree]) -> None:
        self.cls = cls

    def __call__(self, layout: _Layout, values: Iterable[Any]) -> Pytree:
        node = empty(self.cls)
        flags = (True,) * len(layout.data_keys) + (False,) * len(layout.static_keys)
        node._pytree_fill(Parts(layout.data_keys + layout.static_keys, [*values, *layout.statics], flags))
        return node


class Object(Pytree, pytree=False):
    """Base of graph nodes that are opaque to jax.tree."""
