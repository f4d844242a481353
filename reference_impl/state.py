"""State: the leaves of a graph as a nested mapping, keyed by their paths.

``State`` is a view on nested dicts: ``state["layers"][0]["kernel"]``, ``state.layers[0].kernel``. It is a jax pytree,
so it crosses ``jax.jit``, ``jax.grad`` and the others without help. Nothing here recurses: states may be arbitrarily
deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Self

import jax
from jax.tree_util import DictKey

from .paths import Key, Path, sorted_keys
from .statics import freeze
from .values import MISSING
from .variable import Variable


class State(MutableMapping[Key, Any]):
    """A nested mapping from keys to leaves, readable by item and by attribute.

    A nested mapping is seen as a State that shares its entries, so writing to it writes to the parent.

    Args:
      mapping: a mapping or pairs; the top level is copied, nested levels are shared.
    """

    __slots__ = ("_mapping",)
    _mapping: dict[Key, Any]

    def __init__(self, mapping: Mapping[Key, Any] | Iterable[tuple[Key, Any]] = (), /) -> None:
        if isinstance(mapping, State):
            mapping = mapping._mapping
        entries = {key: as_branch(value) for key, value in dict(mapping).items()}
        object.__setattr__(self, "_mapping", entries)

    @classmethod
    def view(cls, mapping: dict[Key, Any]) -> Self:
        """The State that reads and writes ``mapping`` itself."""
        state = object.__new__(cls)
        object.__setattr__(state, "_mapping", mapping)
        return state

    @property
    def raw_mapping(self) -> dict[Key, Any]:
        """The nested dicts behind this State."""
        return self._mapping

    def __getitem__(self, key: Key) -> Any:
        value = self._mapping[key]
        return type(self).view(value) if isinstance(value, dict) else value

    def __setitem__(self, key: Key, value: Any) -> None:
        self._mapping[key] = as_branch(value)

    def __delitem__(self, key: Key) -> None:
        del self._mapping[key]

    def __contains__(self, key: object) -> bool:
        return key in self._mapping

    def __iter__(self) -> Iterator[Key]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def __getattr__(self, name: str) -> Any:
        if name == "_mapping" or name not in self._mapping:
            raise AttributeError(f"this State has no key {name!r}")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._mapping:
            raise AttributeError(f"this State has no key {name!r}")
        del self._mapping[name]

    def __or__(self, other: Mapping[Key, Any]) -> State:
        """The union of the paths; where both have a leaf, the right one wins."""
        return merge_state(self, other) if isinstance(other, Mapping) else NotImplemented

    def __ror__(self, other: Mapping[Key, Any]) -> State:
        return merge_state(other, self) if isinstance(other, Mapping) else NotImplemented

    def __sub__(self, other: Mapping[Key, Any]) -> State:
        """The leaves whose path the other State does not have."""
        if not isinstance(other, Mapping):
            return NotImplemented
        removed = {path for path, _ in iter_leaves(other)}
        return nest((path, leaf) for path, leaf in iter_leaves(self) if path not in removed)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same paths and bitwise equal leaves of the same Variable types."""
        if not isinstance(other, Mapping):
            return NotImplemented
        mine, others = dict(iter_leaves(self)), dict(iter_leaves(other))
        return mine.keys() == others.keys() and all(_same_leaf(leaf, others[path]) for path, leaf in mine.items())

    __hash__ = None  # type: ignore[assignment]  # the data model spells "unhashable" this way

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapping!r})"

    def __reduce__(self) -> tuple[type[Self], tuple[dict[Key, Any]]]:
        return type(self), (self._mapping,)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _register_pytree(cls)


def as_branch(value: Any) -> Any:
    """A mapping as the dict that States nest, anything else, a leaf, itself."""
    if isinstance(value, dict | Variable):
        return value
    if isinstance(value, State):
        return value._mapping
    return dict(value) if isinstance(value, Mapping) else value


def sorted_items(mapping: Mapping[Key, Any]) -> list[tuple[Key, Any]]:
    """The entries of one level in canonical key order."""
    return [(key, mapping[key]) for key in sorted_keys(mapping)]


def iter_leaves(mapping: Mapping[Key, Any]) -> Iterator[tuple[Path, Any]]:
    """All leaves with their paths, depth first, in canonical key order."""
    path: list[Key] = []
    levels = [iter(sorted_items(as_branch(mapping)))]
    while levels:
        for key, value in levels[-1]:
            value = as_branch(value)
            if not isinstance(value, dict):
                yield (*path, key), value
                continue
            path.append(key)
            levels.append(iter(sorted_items(value)))
            break
        else:
            levels.pop()
            if path:
                path.pop()


def nest(leaves: Iterable[tuple[Path, Any]]) -> State:
    """The State with the given leaves; of two equal paths the last wins.

    Raises:
      TypeError: if one path is the beginning of another, or empty: a leaf has no keys below it.
    """
    root: dict[Key, Any] = {}
    branches = {id(root)}  # a leaf may be a dict, too
    node = root
    above: Path = ()  # where `node` is: nearly always the next leaf goes there, too
    for path, leaf in leaves:
        if path[:-1] != above:
            node, above = root, path[:-1]
            for depth, key in enumerate(above):
                child = node.get(key, MISSING)
                if child is MISSING:
                    child = node[key] = {}
                    branches.add(id(child))
                elif id(child) not in branches:
                    raise TypeError(f"the path {path!r} goes through the leaf at {path[: depth + 1]!r}")
                node = child
        if not path or id(node.get(path[-1])) in branches:
            raise TypeError(f"a leaf at {path!r} would replace the sub-state there")
        node[path[-1]] = leaf
    return State.view(root)


def merge_state(state: Mapping[Key, Any], /, *states: Mapping[Key, Any]) -> State:
    """A new State with the paths of all; where several have a leaf, the right-most wins.

    Raises:
      TypeError: if one state has a leaf where another has a sub-state.
    """
    root: dict[Key, Any] = {}
    for source in (state, *states):
        levels = [(root, as_branch(source))]
        while levels:
            target, entries = levels.pop()
            for key, value in entries.items():
                value, held = as_branch(value), target.get(key, MISSING)
                if isinstance(value, dict):
                    if held is MISSING:
                        held = target[key] = {}
                    if isinstance(held, dict):
                        levels.append((held, value))
                    elif not _is_empty(value):
                        raise TypeError(_conflict(key))
                elif isinstance(held, dict) and not _is_empty(held):
                    raise TypeError(_conflict(key))
                else:
                    target[key] = value
    return State.view(root)


def _conflict(key: Key) -> str:
    return f"the states disagree at the key {key!r}: a leaf in one is a sub-state in another"


def _is_empty(mapping: Mapping[Key, Any]) -> bool:
    return next(iter_leaves(mapping), None) is None


def _same_leaf(left: Any, right: Any) -> bool:
    if isinstance(left, Variable) or isinstance(right, Variable):
        return type(left) is type(right) and _same_leaf(left.get_raw_value(), right.get_raw_value())
    return left is right or bool(freeze(left) == freeze(right))


# --- States as pytrees: the keys, in canonical order, are in the treedef -------------------------------------------


def _children(state: State) -> tuple[list[Any], tuple[Key, ...]]:
    keys = sorted_keys(state._mapping)
    return [state[key] for key in keys], tuple(keys)


def _children_with_keys(state: State) -> tuple[list[tuple[DictKey, Any]], tuple[Key, ...]]:
    children, keys = _children(state)
    return [(DictKey(key), child) for key, child in zip(keys, children, strict=True)], keys


def _register_pytree(cls: type[State]) -> None:
    def unflatten(keys: tuple[Key, ...], children: Iterable[Any]) -> State:
        return cls.view(
            {
                key: child._mapping if isinstance(child, State) else child
                for key, child in zip(keys, children, strict=True)
            }
        )

    jax.tree_util.register_pytree_with_keys(cls, _children_with_keys, unflatten, _children)


_register_pytree(State)
