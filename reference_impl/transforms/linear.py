"""`jvp` and `vjp`: directional derivatives, and their transposes, of functions of graphs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..paths import Path
from ..variable import Variable
from .functions import check_function
from .lift import Axes, Call, Groups, Packed, enter, pack, unpack
from .program import Program, Table, rebuild


def jvp(
    f: Callable[..., Any] | None = None,
    primals: Sequence[Any] | None = None,
    tangents: Sequence[Any] | None = None,
    *,
    has_aux: bool = False,
) -> Any:
    """The value of `f` and its derivative in the direction of the tangents; effects happen once.

    Args:
        f: the function; its output may hold nodes. Without primals, a function of primals and tangents is made.
        primals: the arguments.
        tangents: for each argument the same tree, with tangents in the place of its inexact leaves; a State will do
            for a node.
        has_aux: `f` returns `(output, aux)`.

    Returns:
        The output, its tangent, which is of the same type, and with `has_aux` the aux.

    Raises:
        ValueError: a tangent is missing in a node.
        TypeError: the tangents differ in number or structure; with `has_aux`, `f` does not return a pair.
    """
    if f is None:
        return functools.partial(jvp, has_aux=has_aux)
    check_function(f, "jvp")
    if primals is None or tangents is None:
        return functools.partial(jvp, f, has_aux=has_aux)
    if len(primals) != len(tangents):
        raise TypeError(f"jvp got {len(primals)} primals and {len(tangents)} tangents")
    packed, traced = _differentiable(f, primals, has_aux)
    given = _by_path(pack(tangents, {}, Axes(True, None, True)))
    assert packed.assignment is not None
    in_nodes = {site.top + site.path for site in packed.assignment.sites.values() if site.path}
    directions = []
    for path in _by_path(packed, only=True):
        if path not in given:
            wrong = ValueError if path in in_nodes else TypeError  # as jax has it, where the trees differ
            raise wrong(f"there is no tangent for argument {path[1]!r} at {path[2:]!r}")
        directions.append(given[path])
    leaves, derivative, (program, result, groups) = jax.jvp(traced, (packed.groups[1],), (directions,), has_aux=True)
    del leaves
    out, aux = unpack(result, groups, packed.objects)
    tangent = rebuild(program, derivative)[0]
    return (out, tangent, aux) if has_aux else (out, tangent)


def vjp(
    f: Callable[..., Any] | None = None, *primals: Any, has_aux: bool = False, reduce_axes: Sequence[Any] = ()
) -> Any:
    """The value of `f`, and a function from cotangents of its output to cotangents of its arguments.

    A cotangent is of the type of what it belongs to: a Module for a Module. Leaves that are not inexact have the dtype
    float0 there, as in jax. Effects happen once.

    Returns:
        The output, the function, and with `has_aux` the aux.
    """
    if f is None:
        return functools.partial(vjp, has_aux=has_aux, reduce_axes=reduce_axes)
    check_function(f, "vjp")
    if not primals:
        return functools.partial(vjp, f, has_aux=has_aux, reduce_axes=reduce_axes)
    packed, traced = _differentiable(f, primals, has_aux)
    _, transpose, (program, result, groups) = jax.vjp(traced, packed.groups[1], has_aux=True, reduce_axes=reduce_axes)
    call, rest = packed.call, [_float0(leaf) for leaf in packed.groups[0]]
    out, aux = unpack(result, groups, packed.objects)

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments. Raises ValueError if `cotangent` has another structure than the output."""
        records = list(Table().records(cotangent))
        if len(records) != len(program.records) or Program(r.defs for r in records) != program:
            raise ValueError("the cotangent has another structure than the output")
        (cotangents,) = transpose([leaf for record in records for leaf in record.leaves])
        args: tuple[Any, ...] = rebuild(call.program, call.leaves([rest, cotangents]))[0][0]
        return args

    return (out, pull_back, aux) if has_aux else (out, pull_back)


class Inexact:
    """The spec that selects what can be differentiated: arrays of floats and complex numbers."""

    def axis_of(self, path: Path, leaf: Any) -> bool:
        """True for inexact leaves."""
        return is_inexact(leaf.get_raw_value() if isinstance(leaf, Variable) else leaf)


def is_inexact(value: Any) -> bool:
    """Whether all arrays in a value are of floats or complex numbers."""
    leaves = jax.tree.leaves(value)
    return bool(leaves) and all(
        isinstance(x, jax.Array | np.ndarray | np.generic | float | complex)
        and jnp.issubdtype(jax.dtypes.result_type(x), np.inexact)
        for x in leaves
    )


def _differentiable(f: Callable[..., Any], primals: Sequence[Any], has_aux: bool) -> tuple[Packed, Any]:
    packed = pack(primals, {}, Axes(Inexact(), None, False, values=(False, True)))
    call, rest = packed.call, packed.groups[0]

    def traced(diff: list[Any]) -> tuple[list[Any], tuple[Program, Call, Groups]]:
        inside = enter(call, [rest, diff])
        out = f(*inside.args)
        if has_aux and (not isinstance(out, tuple) or len(out) != 2):
            raise TypeError(f"with has_aux=True the function returns a pair, got {type(out).__name__}")
        out, aux = out if has_aux else (out, None)
        records = list(Table().records(out))
        program = Program(record.defs for record in records)
        return [leaf for record in records for leaf in record.leaves], (program, *inside.leave((out, aux)))

    return packed, traced


def _by_path(packed: Packed, only: bool | None = None) -> dict[Path, Any]:
    """The leaves by their path in the arguments."""
    assert packed.assignment is not None
    leaves = packed.call.leaves(packed.groups)
    axes, sites = packed.assignment.axes, packed.assignment.sites
    return {
        sites[key].top + sites[key].path: leaf
        for key, leaf in zip(packed.keys, leaves, strict=True)
        if only is None or axes[key] is only
    }


def _float0(leaf: Any) -> Any:
    return jax.tree.map(lambda x: np.zeros(np.shape(x), jax.dtypes.float0) if is_array_like(x) else x, leaf)


def is_array_like(x: Any) -> bool:
    """Whether jax takes `x` for an array."""
    return isinstance(x, jax.Array | np.ndarray | np.generic | bool | int | float | complex)
