"""`remat`, `eval_shape` and `checkify`: transforms without prefixes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.experimental import checkify as jax_checkify

from .functions import check_function, named
from .lift import Call, Groups, enter, pack, unpack
from .program import rebuild


def remat(
    f: Callable[..., Any] | None = None,
    *,
    prevent_cse: bool = True,
    static_argnums: int | tuple[int, ...] = (),
    policy: Callable[..., bool] | None = None,
) -> Any:
    """Recompute the intermediate values of `f` for the gradient instead of keeping them; effects happen once.

    The options are those of `jax.checkpoint`, and what it refuses is refused when the function is called.

    Raises:
        TypeError: `static_argnums` is neither an int nor a tuple of ints.
        ValueError: a static argument does not exist; `f` is a bound method of a Module.
    """
    if f is None:
        return functools.partial(remat, prevent_cse=prevent_cse, static_argnums=static_argnums, policy=policy)
    check_function(f, "remat")
    fun = f
    numbers = (static_argnums,) if isinstance(static_argnums, int) else static_argnums

    def rematerialized(*args: Any, **kwargs: Any) -> Any:
        if not isinstance(numbers, tuple) or not all(isinstance(n, int) for n in numbers):
            raise TypeError(f"static_argnums is an int or a tuple of ints, got {static_argnums!r}")
        for n in numbers:
            if not -len(args) <= n < len(args):
                raise ValueError(f"static_argnums={static_argnums!r}: the call has {len(args)} positional arguments")
        statics = {n % len(args): args[n] for n in numbers}
        packed = pack([x for i, x in enumerate(args) if i not in statics], kwargs)

        def traced(groups: Groups) -> tuple[Call, Groups]:
            inside = enter(packed.call, groups)
            rest = iter(inside.args)
            all_args = [statics[i] if i in statics else next(rest) for i in range(len(args))]
            return inside.leave(fun(*all_args, **inside.kwargs))

        result, groups = jax.checkpoint(traced, prevent_cse=prevent_cse, policy=policy)(packed.groups)
        return unpack(result, groups, packed.objects)

    return named(rematerialized, f)


def eval_shape(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `f` would return, with abstract arrays; the arguments stay as they are, and come back as new objects."""
    check_function(f, "eval_shape")
    packed = pack(args, kwargs)

    def traced(groups: Groups) -> tuple[Call, Groups]:
        inside = enter(packed.call, groups)
        return inside.leave(f(*inside.args, **inside.kwargs), always=lambda _: True)

    result, groups = jax.eval_shape(traced, packed.groups)
    _, copies = rebuild(packed.call.program, packed.call.leaves(packed.groups))
    return unpack(result, groups, copies)


def checkify(f: Callable[..., Any], errors: frozenset[Any] = jax_checkify.user_checks) -> Any:
    """A function that returns `(error, what f returns)`; changes are kept also where a check fails."""
    check_function(f, "checkify")

    def checked(*args: Any, **kwargs: Any) -> Any:
        packed = pack(args, kwargs)

        def traced(groups: Groups) -> tuple[Call, Groups]:
            inside = enter(packed.call, groups)
            return inside.leave(f(*inside.args, **inside.kwargs))

        error, (result, groups) = jax_checkify.checkify(traced, errors)(packed.groups)
        return error, unpack(result, groups, packed.objects)

    return named(checked, f)
