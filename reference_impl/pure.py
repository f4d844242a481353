"""Pure dicts: a State as nested plain dicts of plain values, the form in which checkpoints are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .paths import Key
from .state import State, as_branch
from .values import MISSING
from .variable import Variable


def to_pure_dict(state: Mapping[Key, Any], extract_fn: Callable[[Any], Any] | None = None) -> dict[Key, Any]:
    """The nested dict with the value of each leaf.

    Args:
      extract_fn: gives the value of a leaf; by default that of a Variable, and any other leaf itself.
    """
    extract = extract_fn or _value
    root: dict[Key, Any] = {}
    levels = [(root, as_branch(state))]
    while levels:
        target, entries = levels.pop()
        for key, entry in entries.items():
            entry = as_branch(entry)
            if isinstance(entry, dict):
                target[key] = {}
                levels.append((target[key], entry))
            else:
                target[key] = extract(entry)
    return root


def replace_by_pure_dict(
    state: State, pure_dict: Mapping[Key, Any], replace_fn: Callable[[Any, Any], Any] | None = None
) -> None:
    """Replaces leaves of ``state`` by the values in ``pure_dict``; the Variables that were in it stay as they are.

    Where the state has a leaf, the value is what the dict has there, be it a dict. Int keys may be written as str.

    Args:
      replace_fn: ``(leaf, value) -> new leaf``; by default a copy of the Variable with that value.

    Raises:
      ValueError: if the dict has a key that the state lacks, or a value in the place of a sub-state.
    """
    replace = replace_fn or _replaced
    found: list[tuple[dict[Key, Any], Key, Any]] = []
    levels: list[tuple[dict[Key, Any], Mapping[Key, Any]]] = [(state.raw_mapping, as_branch(pure_dict))]
    while levels:
        target, values = levels.pop()
        for written, value in values.items():
            key = written if written in target else _as_int(written)
            held = as_branch(target.get(key, MISSING))
            if held is MISSING:
                raise ValueError(f"the state has no key {written!r} there, only {list(target)!r}")
            if not isinstance(held, dict):
                found.append((target, key, value))
                continue
            value = as_branch(value)
            if not isinstance(value, dict):
                raise ValueError(f"the state has a sub-state at the key {written!r}, but the dict has a value there")
            levels.append((held, value))
    for target, key, value in found:
        target[key] = replace(target[key], value)


def restore_int_paths(pure_dict: Mapping[Key, Any]) -> dict[Key, Any]:
    """The nested dict with int keys where str keys spell an int; a key stays a str if the int is there as well."""
    root: dict[Key, Any] = {}
    levels = [(root, as_branch(pure_dict))]
    while levels:
        target, entries = levels.pop()
        for written, entry in entries.items():
            number = _as_int(written)
            key = written if number in entries else number
            entry = as_branch(entry)
            if isinstance(entry, dict):
                target[key] = {}
                levels.append((target[key], entry))
            else:
                target[key] = entry
    return root


def _value(leaf: Any) -> Any:
    return leaf.get_value() if isinstance(leaf, Variable) else leaf


def _replaced(leaf: Any, value: Any) -> Any:
    return leaf.replace(value) if isinstance(leaf, Variable) else value


def _as_int(key: Key) -> Key:
    """The int that a str spells in the way Python writes ints ("7", not "07"), any other key itself."""
    try:
        number = int(key) if isinstance(key, str) else key
        return number if str(number) == key else key
    except ValueError:
        return key
