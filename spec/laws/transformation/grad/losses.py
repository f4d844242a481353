"""Losses as data: interpreted on live arguments, and as pure functions of their leaves, which is the oracle.

A loss is a tuple of steps ``(operation, leaf, other, number)`` of small integers. `leaf` and `other` count the *cells*
of the arguments: every arrival at a Variable or array of numbers, an alias being a cell of its own that is read and
written through that path. The oracle knows the arguments only by what `spec.observation.walk` finds there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from ....flat import Flat, flat, path_key
from ....observation import leaves, nodes, walk
from ....observation.nodes import is_node, is_state, is_variable

Loss = tuple[tuple[int, int, int, int], ...]
"""Steps (operation, leaf, other, number); see `interpret`."""
Plan = tuple[tuple[int, int], ...]
"""For each argument its kind and a number that picks the part of the graph; see `arguments`."""


def value_of(nnx: Any, leaf: Any) -> Any:
    """What a Variable holds; another leaf is its own value."""
    return leaf.get_raw_value() if is_variable(nnx, leaf) else leaf


def is_numeric(value: Any) -> bool:
    """Whether a value consists of jax arrays of numbers, one at least."""
    parts = jax.tree.leaves(value)
    return bool(parts) and all(
        isinstance(x, jax.Array) and not jnp.issubdtype(x.dtype, jax.dtypes.extended) for x in parts
    )


def is_inexact(value: Any) -> bool:
    """Whether a value consists of jax arrays of floats or complex numbers, one at least."""
    return is_numeric(value) and all(jnp.issubdtype(x.dtype, jnp.inexact) for x in jax.tree.leaves(value))


def settled(nnx: Any, root: Any, kinds: Any) -> Any:
    """The graph itself, after every Variable of those kinds that cannot be differentiated was given a float value."""
    for leaf in leaves(nnx, root).values():
        if is_variable(nnx, leaf) and isinstance(leaf, kinds) and not is_inexact(leaf.get_raw_value()):
            leaf.set_value(jnp.array([1.0, 2.0]))
    return root


def arguments(nnx: Any, make: Any, plan: Plan) -> tuple[Any, ...]:
    """Arguments cut out of one fresh graph whose Params are all inexact, so they share objects in all ways.

    Kinds: 0 the graph, 1 one of its nodes, 2 one of its inexact Variables (or an array), 3 an array, 4 a dict of a node
    and an array, 5 a tuple of a Variable and a list of a node.
    """
    root = settled(nnx, make(), nnx.Param)
    parts = list(nodes(nnx, root).values())
    variables = [v for v in leaves(nnx, root).values() if is_variable(nnx, v) and is_inexact(v.get_raw_value())]
    built: list[Any] = []
    for kind, pick in plan:
        array = jnp.arange(1.0, 2.0 + pick % 3)
        node = parts[pick % len(parts)]
        variable = variables[pick % len(variables)] if variables else array
        built.append((root, node, variable, array, {"b": node, "a": array}, (variable, [node]))[kind % 6])
    return tuple(built)


def held(nnx: Any, args: Any) -> tuple[Any, ...]:
    """The objects with identity that the caller holds: every node and Variable of the arguments."""
    return tuple(visit.value for visit in walk(nnx, args) if visit.kind in ("node", "variable") and not visit.again)


def cells(nnx: Any, args: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Path and object of every arrival at a Variable or array of numbers, aliases included; but no state of streams,
    which draws change.
    """
    barred = nnx.RngState if nnx.offers("RngState") else ()
    return [
        (visit.path, visit.value)
        for visit in walk(nnx, args)
        if visit.kind in ("variable", "leaf")
        and not isinstance(visit.value, barred)
        and is_numeric(value_of(nnx, visit.value))
    ]


def amount(value: Any, power: int = 1) -> Any:
    """The sum of the entries of a value, real and imaginary parts, each raised to a power; float32."""
    total = jnp.zeros(())
    for x in jax.tree.leaves(value):
        parts = [x.real, x.imag] if jnp.issubdtype(x.dtype, jnp.complexfloating) else [x]
        for part in parts:
            total = total + jnp.sum(part.astype("float32") ** power)
    return total


def interpret(
    loss: Loss, count: int, read: Callable[[int], Any], write: Callable[[int, Any], None], draw: Callable[[int], Any]
) -> Any:
    """The value of a loss, a float32 scalar, over some cells.

    Operations: 0 use a cell (a power, times a weight, sometimes times another cell), 1 write a cell plus a number,
    2 write an inexact cell plus the amount of another, 3 use a cell times a drawn number.
    """
    total = jnp.zeros(())
    for operation, leaf, other, number in loss if count else ():
        i, j = leaf % count, other % count
        if operation == 0:
            term = (number % 3 + 1) * amount(read(i), number // 3 % 3 + 1)
            total = total + (term * amount(read(j)) if number % 2 else term)
        elif operation == 1:
            write(i, jax.tree.map(lambda x: (x + number).astype(x.dtype), read(i)))  # noqa: B023  # called at once
        elif operation == 2 and is_inexact(read(i)):
            extra = amount(read(j))
            write(i, jax.tree.map(lambda x: x + extra.astype(x.dtype), read(i)))  # noqa: B023  # called at once
        elif operation == 3:
            total = total + draw(leaf) * amount(read(j))
    return total


def run(nnx: Any, loss: Loss, args: Any, drawn: list[Any] | None = None) -> Any:
    """The value of a loss on live arguments; writes go into Variables, draws come from the streams in sight.

    Args:
        drawn: where the drawn numbers are noted.
    """
    found = [leaf for _, leaf in cells(nnx, args)]
    streams = [n for n in nodes(nnx, args).values() if isinstance(n, nnx.RngStream)]

    def read(i: int) -> Any:
        return value_of(nnx, found[i])

    def write(i: int, value: Any) -> None:
        if is_variable(nnx, found[i]):
            found[i].set_value(value)

    def draw(i: int) -> Any:
        number = jnp.zeros(())
        if streams:
            number = (jax.random.bits(streams[i % len(streams)]()) % 4).astype("float32")
        if drawn is not None:
            drawn.append(number)
        return number

    return interpret(loss, len(found), read, write, draw)


def pure(nnx: Any, loss: Loss, args: Any, drawn: list[Any]) -> Callable[[Flat], Any]:
    """The same loss as a pure function of leaves by canonical path; leaves that are not given are as in `args`.

    Args:
        drawn: the numbers that an eager run has drawn.
    """
    found = cells(nnx, args)
    first: dict[int, tuple[Any, ...]] = {}
    names = [first.setdefault(id(leaf), path) if is_variable(nnx, leaf) else path for path, leaf in found]
    writable = [is_variable(nnx, leaf) for _, leaf in found]
    start = {path: value_of(nnx, leaf) for path, leaf in found}

    def function(chosen: Flat) -> Any:
        values, numbers = {**start, **chosen}, iter(drawn)

        def write(i: int, value: Any) -> None:
            if writable[i]:
                values[names[i]] = value

        return interpret(loss, len(found), lambda i: values[names[i]], write, lambda i: next(numbers))

    return function


def with_value(nnx: Any, leaf: Any, value: Any) -> Any:
    """What reports a value for a leaf: for a Variable itself, given the value; for an array the value."""
    if not is_variable(nnx, leaf):
        return value
    leaf.set_value(value)
    return leaf


def shaped(nnx: Any, argument: Any, at: tuple[Any, ...], reported: Flat) -> Any:
    """The gradient of an argument: for a node ("State", leaves by path), for an array or Variable what is reported.

    A Variable that is reported at an earlier place has an empty State.
    """
    if is_node(nnx, argument):
        return "State", {path[len(at) :]: leaf for path, leaf in reported.items() if path[: len(at)] == at}
    if is_variable(nnx, argument):
        return reported.get(at, ("State", {}))
    if isinstance(argument, dict):
        return {key: shaped(nnx, item, (*at, key), reported) for key, item in argument.items()}
    if isinstance(argument, list | tuple):
        return type(argument)(shaped(nnx, item, (*at, key), reported) for key, item in enumerate(argument))
    return reported[at]


def shown(nnx: Any, gradient: Any) -> Any:
    """A gradient with ("State", leaves by path) for each State in it."""
    if is_state(nnx, gradient):
        return "State", flat(gradient)
    if isinstance(gradient, dict):
        return {key: shown(nnx, item) for key, item in gradient.items()}
    if type(gradient) in (list, tuple):
        return type(gradient)(shown(nnx, item) for item in gradient)
    return gradient


def parts(nnx: Any, gradient: Any) -> Iterator[Any]:
    """The values in a gradient, in canonical order of their paths."""
    if is_state(nnx, gradient):
        found = flat(gradient)
        for path in sorted(found, key=path_key):
            yield value_of(nnx, found[path])
    elif isinstance(gradient, dict):
        for key in sorted(gradient):
            yield from parts(nnx, gradient[key])
    elif type(gradient) in (list, tuple):
        for item in gradient:
            yield from parts(nnx, item)
    else:
        yield value_of(nnx, gradient)


def weighted(values: Any) -> Any:
    """A sum of the amounts of some values, with small weights."""
    return sum(((number % 3 + 1) * amount(value) for number, value in enumerate(values)), jnp.zeros(()))
