"""The user's function: which are refused, how arguments are bound, and caches that do not keep functions alive."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ..pytree import Pytree


def check_function(f: Any, transform: str, which: str = "") -> None:
    """Refuse what is no function, and methods that are bound to a Module, through `functools.partial` too.

    Args:
        f: what should be a function.
        transform: who got it, for the message.
        which: as what, where there are several.

    Raises:
        ValueError: a bound method: the Module would be captured, and changes to it lost.
        TypeError: `f` cannot be called.
    """
    which = which and f" as {which}"
    inner = f
    while isinstance(inner, functools.partial):
        inner = inner.func
    if isinstance(getattr(inner, "__self__", None), Pytree):
        owner = type(inner.__self__).__name__
        name = getattr(inner, "__name__", "method")
        raise ValueError(
            f"{transform} got the bound method {owner}.{name}{which}: the {owner} would not be an argument. Pass the"
            f" unbound function and the {owner} separately: {transform}({owner}.{name}, ...)"
        )
    if not callable(f):
        raise TypeError(f"{transform} takes a function, got {type(f).__name__}{which}")


def named(wrapper: Any, f: Any) -> Any:
    """Give `wrapper` the name and the documentation of `f`."""
    return functools.update_wrapper(wrapper, f, updated=())


def renamed(inner: Any, f: Any) -> Any:
    """Give a function that only jax sees the name of `f`, for its messages and profiles."""
    inner.__name__ = inner.__qualname__ = getattr(f, "__name__", type(f).__name__)
    return inner


def positional(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """All arguments by position, as prefixes need them. Raises TypeError for keyword-only ones."""
    if not kwargs:
        return tuple(args)
    bound = inspect.signature(f).bind(*args, **kwargs)
    if bound.kwargs:
        raise TypeError(f"these arguments can only be given by keyword, which have no axis: {sorted(bound.kwargs)}")
    return bound.args


class WeakFunction:
    """Calls a function without keeping it alive, where that is possible."""

    __slots__ = ("_get",)

    def __init__(self, f: Callable[..., Any]) -> None:
        try:
            self._get: Callable[[], Any] = weakref.ref(f)
        except TypeError:
            self._get = lambda: f

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; whoever calls the transform holds it."""
        f = self._get()
        assert f is not None
        return f(*args, **kwargs)


class WeakCache:
    """Remembers what was made for functions, by identity, for as long as all of them live."""

    def __init__(self) -> None:
        self._made: dict[Any, tuple[list[Any], Any]] = {}

    def get(self, functions: Sequence[Callable[..., Any]], make: Callable[[list[WeakFunction]], Any]) -> Any:
        """What `make` made for these functions, which it must not keep alive."""
        key = tuple(map(id, functions))
        if key in self._made:
            return self._made[key][1]

        def forget(_: Any) -> None:
            self._made.pop(key, None)

        made = make([WeakFunction(f) for f in functions])
        try:
            refs = [weakref.ref(f, forget) for f in functions]
        except TypeError:
            return made  # what cannot be watched is not remembered
        self._made[key] = refs, made
        return made

    def __len__(self) -> int:
        return len(self._made)
