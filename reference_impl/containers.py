"""`List` and `Dict`: Modules that behave as Python's list and dict, and may mix data and static elements.

Their elements are kept apart from their attributes, so no key can collide with a method or an attribute. Each element
carries its status (True is data), and every operation moves or replaces the two together.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, NamedTuple, TypeVar, overload

from .module import Module
from .nodes import Parts
from .paths import Key
from .pytree import Pytree
from .status import admit

A = TypeVar("A")


class _Element(NamedTuple):
    value: Any
    is_data: bool | None


def _element(owner: Pytree, key: Key, value: Any) -> _Element:
    """The element for a new value, whose status does not depend on what was there before."""
    if not owner._pytree__is_pytree:
        return _Element(value, None)
    return _Element(*admit(f"{type(owner).__name__}[{key!r}]", value, None))


def _parts(owner: Pytree, keys: tuple[Key, ...], elements: list[_Element]) -> Parts:
    """The elements of a container and its named attributes as the children of one node."""
    values, statuses = zip(*elements, strict=True) if elements else ((), ())
    flags = tuple(map(bool, statuses)) if owner._pytree__is_pytree else None
    if owner.__dict__:
        attributes = Pytree._pytree_parts(owner)
        keys, values = keys + attributes.keys, (*values, *attributes.values)
        flags = None if flags is None or attributes.flags is None else flags + attributes.flags
    return Parts(keys, values, flags)


class List(Module, MutableSequence[A]):
    """A list of sub-Modules, arrays, functions, ...: `self.layers = List([Linear(...), relu, Linear(...)])`.

    Args:
        iterable: the elements; `data(x)` and `static(x)` set the status of one.
    """

    _pytree__container = list

    def __init__(self, iterable: Iterable[A] = (), /) -> None:
        self.extend(iterable)

    def __len__(self) -> int:
        return len(self._pytree__elements)

    def __iter__(self) -> Iterator[A]:
        return (element.value for element in self._pytree__elements)

    def __contains__(self, value: object) -> bool:
        return value in list(self)

    @overload
    def __getitem__(self, index: int) -> A: ...
    @overload
    def __getitem__(self, index: slice) -> list[A]: ...
    def __getitem__(self, index: Any) -> Any:
        found = self._pytree__elements[index]
        return [element.value for element in found] if isinstance(index, slice) else found.value

    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace an element or a slice, which may change the length."""
        self._pytree_check_writable("change an element")
        if isinstance(index, slice):
            self._pytree__elements[index] = [_element(self, index, item) for item in value]
        else:
            index = operator.index(index)
            self._pytree__elements[index] = _element(self, index, value)

    def __delitem__(self, index: Any) -> None:
        self._pytree_check_writable("delete an element")
        del self._pytree__elements[index]

    def insert(self, index: Any, value: A) -> None:
        """Insert an element before `index`."""
        self._pytree_check_writable("insert an element")
        self._pytree__elements.insert(index, _element(self, index, value))

    def append(self, value: A) -> None:
        """Add an element at the end."""
        self.insert(len(self), value)

    def extend(self, values: Iterable[A]) -> None:
        """Add elements at the end: all, or none if one is refused."""
        self[len(self) :] = values

    def clear(self) -> None:
        """Delete all elements."""
        del self[:]

    def reverse(self) -> None:
        """Reverse the order of the elements."""
        self._pytree_check_writable("reverse the elements")
        self._pytree__elements.reverse()

    def copy(self) -> list[A]:
        """The elements as a plain list."""
        return list(self)

    def sort(self, *, key: Any = None, reverse: bool = False) -> None:
        """Sort the elements by value."""
        self._pytree_check_writable("sort the elements")
        by_value = (lambda e: e.value) if key is None else (lambda e: key(e.value))
        self._pytree__elements.sort(key=by_value, reverse=reverse)

    def __eq__(self, other: object) -> bool:
        """Whether the elements equal those of another List or list."""
        return list(self) == list(other) if isinstance(other, (List, list)) else NotImplemented

    def __hash__(self) -> int:  # by identity, as all Modules: a model must be usable as a key
        return id(self)

    def _pytree_parts(self) -> Parts:
        elements = self._pytree__elements
        return _parts(self, tuple(range(len(elements))), elements)

    def _pytree_fill(self, parts: Parts) -> None:
        flags = parts.flags or (None,) * len(parts.keys)
        if parts.keys == tuple(range(len(parts.keys))):  # elements alone, in their order
            self._pytree__elements[:] = map(_Element, parts.values, flags)
            return
        items = list(zip(parts.keys, parts.values, flags, strict=True))
        numbered = sorted(
            ((key, _Element(value, flag)) for key, value, flag in items if isinstance(key, int)), key=_first
        )
        self._pytree__elements[:] = [element for _, element in numbered]
        super()._pytree_fill(_only(parts, str))

    def _pytree_set(self, key: Key, value: Any) -> None:
        if isinstance(key, int):
            self._pytree__elements[key] = self._pytree__elements[key]._replace(value=value)
        else:
            super()._pytree_set(key, value)

    def _pytree_remove(self, keys: Iterable[Key]) -> None:
        names = []
        for key in sorted(keys, key=lambda key: key if isinstance(key, int) else -1, reverse=True):
            if isinstance(key, int):
                del self._pytree__elements[key]
            else:
                names.append(key)
        super()._pytree_remove(names)


class Dict(Module, MutableMapping[str, A]):
    """A dict with str keys of sub-Modules, arrays, functions, ...

    Items can also be read and written as attributes where the name is free: `d.encoder` is `d["encoder"]`.

    Args:
        items: a mapping or pairs, as for `dict`.
        **more: further items.
    """

    _pytree__container = dict

    def __init__(self, items: Mapping[str, A] | Iterable[tuple[str, A]] = (), /, **more: A) -> None:
        for key, value in dict(items, **more).items():
            self[key] = value

    def __len__(self) -> int:
        return len(self._pytree__elements)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pytree__elements)

    def __getitem__(self, key: str) -> A:
        value: A = self._pytree__elements[_checked(key)].value
        return value

    def __setitem__(self, key: str, value: A) -> None:
        self._pytree_check_writable(f"set item {key!r}")
        self._pytree__elements[_checked(key)] = _element(self, key, value)

    def __delitem__(self, key: str) -> None:
        self._pytree_check_writable(f"delete item {key!r}")
        del self._pytree__elements[_checked(key)]

    def __getattr__(self, name: str) -> Any:  # called only for names that are not found otherwise
        try:
            return self._pytree__elements[name].value
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute and no item {name!r}") from None

    def _pytree_set_attribute(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        """Delete an item."""
        if name not in self._pytree__elements:
            raise AttributeError(f"{type(self).__name__} has no item {name!r}")
        del self[name]

    def __hash__(self) -> int:  # by identity, as all Modules: a model must be usable as a key
        return id(self)

    def _pytree_parts(self) -> Parts:
        keys = tuple(sorted(self._pytree__elements))
        return _parts(self, keys, [self._pytree__elements[key] for key in keys])

    def _pytree_fill(self, parts: Parts) -> None:
        flags = parts.flags or (None,) * len(parts.keys)
        for key, value, flag in zip(parts.keys, parts.values, flags, strict=True):
            self._pytree__elements[key] = _Element(value, flag)

    def _pytree_set(self, key: Key, value: Any) -> None:
        self._pytree__elements[key] = self._pytree__elements[key]._replace(value=value)

    def _pytree_remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            del self._pytree__elements[key]


def _checked(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the keys of a Dict are strs, got {key!r} of type {type(key).__name__}")
    return key


def _only(parts: Parts, key_type: type) -> Parts:
    """The children whose key is of the given type."""
    chosen = [i for i, key in enumerate(parts.keys) if isinstance(key, key_type)]
    return Parts(
        tuple(parts.keys[i] for i in chosen),
        [parts.values[i] for i in chosen],
        None if parts.flags is None else tuple(parts.flags[i] for i in chosen),
    )


def _first(pair: tuple[int, _Element]) -> int:
    return pair[0]
