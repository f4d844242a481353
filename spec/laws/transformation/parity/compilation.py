"""Options of `jit`, `eval_shape` and `checkify`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import checkify

from ....claims import Claims, Eq, attempt
from ....law import Law, law
from ....terms import TRANSFORMATION
from .functions import agree, answer, fresh, mix, packed


def call_of(options: dict[str, Any], args: tuple[Any, ...], named: int) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments for a function of ``(x, times, y, *, scale, mode)``."""
    names = options.get("static_argnames", ())
    values = list(zip(("x", "times", "y"), args, strict=True))
    by_name = dict(values[3 - named :])
    if "mode" in names:
        by_name["mode"] = "negate"
    if "scale" in names:
        by_name["scale"] = 3
    return [value for _, value in values[: 3 - named]], by_name


def placed(number: int) -> Any:
    """A sharding on a mesh of one device, by number; None for the first."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("x",))
    spec: Any = jax.sharding.PartitionSpec
    specs = (spec(), spec("x"))
    return None if not number else jax.sharding.NamedSharding(mesh, specs[number - 1])


def jit_agrees(
    nnx: Any, recipe: Any, args: Any, options: Any, named: int, out: int, decorator: bool, places: Any
) -> Claims:
    """The claims of both laws of jit."""
    made = dict(options)
    if places:
        made["in_shardings"] = tuple(placed(n) for n in places[:-1])
        made["out_shardings"] = placed(places[-1])

    def run(jit: Any) -> tuple[Any, Any, Any, Any]:
        static: list[Any] = []

        def f(x: Any, times: Any, y: Any, *, scale: Any = 2, mode: str = "") -> Any:
            static.append([isinstance(value, jax.core.Tracer) for value in jax.tree.leaves((x, times, y, scale))])
            value = mix(recipe, x, y) * times * scale
            return answer(out, -value if mode == "negate" else value)

        mine = fresh(args)
        by_position, by_name = call_of(made, mine, named)
        if not decorator:
            outcome = attempt(lambda: jit(f, **made)(*by_position, **by_name))
        else:
            outcome = attempt(lambda: jit(**made)(f)(*by_position, **by_name))
        where = [x.sharding for x in jax.tree.leaves(outcome.value)]
        return outcome, static, [x.is_deleted() for x in jax.tree.leaves(mine) if isinstance(x, jax.Array)], where

    came, expected = run(nnx.jit), run(jax.jit)
    yield Eq(came[0], expected[0], "what comes")
    yield Eq(came[1], expected[1], "which arguments are traced, in every trace")
    yield Eq(came[2], expected[2], "which buffers are donated")
    yield Eq(came[3] == expected[3], True, "shardings")


@law("jit.options", term=TRANSFORMATION, uses=("transform.jit",))
def jit_options(nnx: Any, recipe: Any, args: Any, case: Any, out: int, decorator: bool, places: Any) -> Claims:
    """On functions of plain arrays `jit` with any combination of its options agrees with `jax.jit`: in the result, in
    which arguments are traced, in which buffers are donated, and in shardings.

    The options: static and donated arguments by number and by name, `keep_unused`, `inline`, shardings; as a function
    and as a decorator; arguments by position and by name. Releases of jax differ in what a negative number of a donated
    argument means, and of a static one where arguments are given by name: free here, and for donation in a law of its
    own.
    """
    options, named = case
    yield from jit_agrees(nnx, recipe, args, options, named, out, decorator, places)


@law("jit.bad-options", term=TRANSFORMATION, uses=("transform.jit",))
def jit_bad_options(nnx: Any, args: Any, options: Any, named: int, fault: str) -> Claims:
    """Options that `jax.jit` refuses are refused by `jit` with the same builtin category: arguments out of range, names
    that the function does not have, one argument both static and donated, static values that are not hashable.
    """
    given = (args[0], [1], args[2]) if fault == "unhashable" else args
    yield from jit_agrees(nnx, (1,), given, options, named, 0, fault == "decorator", ())
    yield Eq(nnx.jit(lambda x: x)(jnp.float32(1)), jnp.float32(1), "and the next call works")


@law("eval-shape.options", term=TRANSFORMATION, uses=("transform.eval-shape",))
def eval_shape_options(nnx: Any, recipe: Any, args: Any, wraps: Any, out: int, named: int) -> Claims:
    """On functions of plain arrays `eval_shape` agrees with `jax.eval_shape`, weak types included: arguments in
    containers, abstract ones, Python scalars, arguments by name; what jax refuses is refused alike.
    """

    def f(*values: Any, **more: Any) -> Any:
        return answer(out, mix(recipe, values, more))

    values = [packed(how, value) for how, value in zip(wraps, args, strict=False)]
    by_name = {f"a{i}": value for i, value in enumerate(values[len(values) - named :])}
    first = values[: len(values) - named]
    yield from agree(lambda: nnx.eval_shape(f, *first, **by_name), lambda: jax.eval_shape(f, *first, **by_name))


ERRORS = {
    "user": checkify.user_checks,
    "nan": checkify.nan_checks,
    "index": checkify.index_checks,
    "div": checkify.div_checks,
    "float": checkify.float_checks,
    "automatic": checkify.automatic_checks,
    "all": checkify.all_checks,
}
"""Sets of checks by name."""


@law("checkify.options", term=TRANSFORMATION, uses=("transform.checkify",))
def checkify_options(nnx: Any, errors: Any, args: Any, index: int, limit: int, out: int) -> Claims:
    """On functions of plain arrays `checkify` with any set of errors agrees with `jax.experimental.checkify`: in the
    result, in whether there is an error, in its message, and in what `throw` raises.
    """
    joined: frozenset[Any] = frozenset().union(*(ERRORS[name] for name in errors))

    def f(x: Any, i: Any) -> Any:
        checkify.check(x[0] < limit, "first is {first}", first=x[0])
        value = jnp.log(x) / x[1]
        return answer(out, value + x[i])

    def run(transform: Any) -> Any:
        transformed = transform(f) if not errors else transform(f, errors=joined)
        error, value = transformed(args, jnp.int32(index))
        message = error.get()
        return value, None if message is None else message.split("(")[0].strip(), attempt(error.throw)

    yield from agree(lambda: run(nnx.checkify), lambda: run(checkify.checkify))


LAWS: tuple[Law, ...] = (jit_options, jit_bad_options, eval_shape_options, checkify_options)
