"""Prefixes: which axis, sharding or role each leaf of the arguments has, and that all aliases agree on it.

As in jax, a prefix is a tree that may end early: one axis for a whole argument. What stands at its ends is a *spec*: a
plain value (an axis, None, a sharding), or an object with a method `axis_of(path, leaf)`, such as `StateAxes`, which
decides leaf by leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..nodes import NodeType, kind_of
from ..paths import Path
from ..variable import Variable
from .program import Record, place


class Site:
    """Where an object or leaf is: the place of the outermost object in the arguments, and the path from there on.

    The path is made when it is asked for, since in deep graphs all paths together are long.
    """

    __slots__ = ("_above", "_keys", "spec", "top")

    def __init__(self, spec: Any, top: Path, above: Site | None = None, keys: Path = ()) -> None:
        self.spec = spec
        self.top = top
        self._above = above
        self._keys = keys

    @property
    def path(self) -> Path:
        """The keys from the outermost object to here."""
        parts = []
        site: Site | None = self
        while site is not None:
            parts.append(site._keys)
            site = site._above
        return tuple([key for keys in reversed(parts) for key in keys])

    def below(self, keys: Path) -> Site:
        """The site of something inside."""
        return Site(self.spec, self.top, self, keys)

    def axis(self, leaf: Any) -> Any:
        """What the spec says for a leaf; ValueError if none of its filters matches."""
        if not hasattr(self.spec, "axis_of"):
            return self.spec
        try:
            return self.spec.axis_of(self.path, leaf)
        except ValueError as error:
            raise ValueError(f"{error} (in {place(self.top)})") from None


def specs_in(prefix: Any) -> Iterator[Any]:
    """The axes that can occur, those inside of StateAxes and the like included."""
    stack = [prefix]
    while stack:
        x = stack.pop()
        if is_container(x):
            kind = kind_of(x)
            assert isinstance(kind, NodeType)
            stack.extend(kind.children(x))
        elif hasattr(x, "axis_of"):
            yield from x.values()
        else:
            yield x


def is_container(prefix: Any) -> bool:
    """Whether a prefix goes on; None is a spec."""
    kind = kind_of(prefix)
    return prefix is not None and isinstance(kind, NodeType) and not kind.identity


def expand(prefix: Any, tree: Any, at: Path) -> dict[Path, Any]:
    """The specs of a prefix by the path in `tree` that each covers.

    Raises:
        ValueError: the prefix has another structure than the tree, or is itself made of Modules or Variables.
    """
    specs: dict[Path, Any] = {}
    stack = [(prefix, tree, at)]
    while stack:
        prefix, tree, path = stack.pop()
        kind = kind_of(prefix)
        if isinstance(prefix, Variable) or (isinstance(kind, NodeType) and kind.identity):
            raise ValueError(f"the prefix for {place(path)} is a {type(prefix).__name__}; use StateAxes or the like")
        if not is_container(prefix):
            specs[path] = prefix
            continue
        assert isinstance(kind, NodeType)
        parts = kind.flatten(prefix)
        tree_kind = kind_of(tree)
        if type(tree) is not type(prefix) or not isinstance(tree_kind, NodeType):
            raise ValueError(
                f"the prefix for {place(path)} is a {type(prefix).__name__}, what it is for a {type(tree).__name__}"
            )
        found = tree_kind.flatten(tree)
        if found.keys != parts.keys:
            raise ValueError(
                f"the prefix for {place(path)} has the keys {list(parts.keys)}, what it is for {list(found.keys)}"
            )
        for key, spec, child in zip(parts.keys, parts.values, found.values, strict=True):
            stack.append((spec, child, (*path, key)))
    return specs


LeafKey = tuple[Any, Path]
"""A leaf: the id of the object that holds it (or the name of the root) and the keys in there."""


class Assignment:
    """The axis of every leaf of a call, by `LeafKey`, and the first site of every object."""

    def __init__(self) -> None:
        self.axes: dict[LeafKey, Any] = {}
        self.sites: dict[LeafKey, Site] = {}
        self.homes: dict[int, Site] = {}

    def add_root(self, name: str, record: Record, specs: dict[Path, Any], record_of: Callable[[Any], Record]) -> None:
        """Follow a root, "args" or "out", with the specs by path that `expand` gave."""
        at = ("out",) if name == "out" else ()
        for keys, leaf in zip(record.keys, record.leaves, strict=True):
            self._set((name, keys), leaf, Site(_covering(specs, at + keys), at + keys))
        self.follow([(x, Site(_covering(specs, at + keys), at + keys)) for keys, x in record.refs], record_of)

    def follow(self, objects: Iterable[tuple[Any, Site]], record_of: Callable[[Any], Record]) -> None:
        """Follow objects and all that can be reached from them, in canonical order.

        Raises:
            ValueError: two aliases have different axes, or no filter matches a leaf.
        """
        seen: dict[int, list[Any]] = {}
        stack = list(reversed(list(objects)))
        while stack:
            x, site = stack.pop()
            self.homes.setdefault(id(x), site)
            if isinstance(x, Variable):
                self._set((id(x), ()), x, site)
                continue
            specs = seen.setdefault(id(x), [])
            if site.spec in specs:
                continue
            specs.append(site.spec)
            record = record_of(x)
            for keys, leaf in zip(record.keys, record.leaves, strict=True):
                self._set((id(x), keys), leaf, site.below(keys))
            stack.extend((child, site.below(keys)) for keys, child in reversed(record.refs))

    def _set(self, key: LeafKey, leaf: Any, site: Site) -> None:
        axis = site.axis(leaf)
        if key not in self.axes:
            self.axes[key], self.sites[key] = axis, site
        elif self.axes[key] != axis:
            first = self.sites[key]
            raise ValueError(
                f"inconsistent aliasing: the {type(leaf).__name__} at {place(first.top + first.path)} is also at"
                f" {place(site.top + site.path)}, but the prefixes differ: {_in_words(self.axes[key])} and"
                f" {_in_words(axis)}"
            )


def _in_words(axis: Any) -> str:
    if isinstance(axis, bool):  # grad's only
        return "differentiated" if axis else "not differentiated"
    return repr(axis)


def _covering(specs: dict[Path, Any], path: Path) -> Any:
    for length in range(len(path), -1, -1):
        if path[:length] in specs:
            return specs[path[:length]]
    raise ValueError(f"there is no prefix for {place(path)}")
