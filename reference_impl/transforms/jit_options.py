"""The options of `jit` that name arguments: which are static, which are donated."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import jax


class Statics:
    """The static arguments of a call, by position and by name, compared by value and type."""

    __slots__ = ("_hash", "by_name", "by_position")

    def __init__(self, by_position: dict[int, Any], by_name: dict[str, Any]) -> None:
        self.by_position = by_position
        self.by_name = by_name
        self._hash: int | None = None  # jax asks for it in each call
        for where, value in (*by_position.items(), *by_name.items()):
            try:
                hash(value)
            except TypeError:
                raise ValueError(
                    f"the static argument {where!r} of type {type(value).__name__} is not hashable"
                ) from None

    def _key(self) -> Any:
        named = [(name, type(value), value) for name, value in sorted(self.by_name.items())]
        return (*[(i, type(value), value) for i, value in self.by_position.items()], *named)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Statics) and bool(self._key() == other._key()))

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._key())
        return self._hash

    def insert(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """All arguments, the static ones at their places."""
        all_args = list(args)
        for position, value in sorted(self.by_position.items()):
            all_args.insert(position, value)
        return all_args, {**kwargs, **self.by_name}


jax.tree_util.register_static(Statics)

NO_STATICS = Statics({}, {})


def check_options(
    fun: Any, static_argnums: Any, static_argnames: Any, donate_argnums: Any, donate_argnames: Any
) -> None:
    """Let jax refuse, as for any function, arguments that do not exist or are named for two purposes."""
    jax.jit(
        fun,
        static_argnums=static_argnums,
        static_argnames=static_argnames,
        donate_argnums=donate_argnums,
        donate_argnames=donate_argnames,
    )


def names_and_numbers(fun: Any, numbers: Any, names: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Positions, counted from the front, and names; what is not given is filled in from the signature, as in jax."""
    implied = numbers is None, names is None
    numbers = () if numbers is None else (numbers,) if isinstance(numbers, int) else tuple(numbers)
    names = () if names is None else (names,) if isinstance(names, str) else tuple(names)
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (ValueError, TypeError):
        return numbers, names
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        numbers = tuple(n + len(positional) if n < 0 else n for n in numbers)
    by_name = {p.name: i for i, p in enumerate(positional) if p.kind is p.POSITIONAL_OR_KEYWORD}
    if implied == (False, True):
        names = tuple(name for name, i in by_name.items() if i in numbers)
    elif implied == (True, False):
        numbers = tuple(i for name, i in by_name.items() if name in names)
    return numbers, names
