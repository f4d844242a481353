"""Stacks of transforms around the body of a program: how a backend runs them, and what they mean in plain Python.

A layer is a tuple: its kind, then what the kind takes.

=====================  =================================================================================================
``("jit",)``           also ``remat``, ``checkify``, ``cond`` (taken), ``switch`` (the last of three)
``("grad", n)``        the auxiliary output of a gradient; `n` is 1 if the first argument is differentiated, else 0
``("vmap", n, axes)``  `n` lanes; the axis of each group of arguments: an int, or None
``("scan", n, specs, reverse)``  `n` iterations; for each group of arguments ``"carry"``, an axis, or None
``("fori", n)``        also ``while``: `n` iterations; outputs are dropped
=====================  =================================================================================================

Arguments that share objects are in one group and have one axis. The index that the body gets counts lanes and
iterations: ``i * n + j`` in the j-th one of a layer.
"""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp

from .lanes import LanesDiffer, gather, in_place, spread, variant_of
from .observation import walk

LOOPS = ("scan", "fori", "while")
PROPAGATED = frozenset({"value", "varying", "draw", "array", "raise", "returns-input"})
"""Effects that a loop carries from one iteration to the next; others it may refuse."""


def must_propagate(layers: tuple[Any, ...], effects: frozenset[str]) -> bool:
    """Whether every effect of a body has to be visible outside of the layers."""
    return effects <= PROPAGATED or not any(layer[0] in LOOPS for layer in layers)


def may_depend_on_lane(layers: tuple[Any, ...], p: Any) -> bool:
    """Whether a leaf without an axis can come to depend on the lane, even if its values are then the same in all.

    What depends on the lane is known to a transform, whether lanes agree is not: so it may refuse such a program.
    """
    groups = sorted(set(p.groups))
    for layer in layers:
        if layer[0] == "vmap":
            axes = [spec_of(layer, group) for group in groups]
            if None in axes and ("varying" in p.effects or any(axis is not None for axis in axes)):
                return True
    return False


def spec_of(layer: tuple[Any, ...], group: int) -> Any:
    """The axis (or ``"carry"``) of a group of arguments in a layer that has lanes or slices."""
    return layer[2][group % len(layer[2])]


def has_lanes(layer: tuple[Any, ...], group: int) -> bool:
    """Whether each lane or iteration of a layer works on a graph of its own for a group of arguments."""
    if layer[0] == "vmap":
        return True
    return layer[0] == "scan" and isinstance(spec_of(layer, group), int)


def axis_in(layer: tuple[Any, ...], group: int) -> Any:
    """The axis of a group of arguments in a layer; None if its leaves have none there."""
    spec = spec_of(layer, group) if layer[0] in ("vmap", "scan") else None
    return spec if isinstance(spec, int) else None


# what the backend does


def arguments(nnx: Any, layers: tuple[Any, ...], p: Any) -> tuple[Any, ...]:
    """Fresh arguments for a program under layers: an axis more for every layer with lanes, the innermost first."""
    args = list(p.make())
    for layer in reversed(layers):
        for group in sorted(set(p.groups)):
            axis = axis_in(layer, group)
            if axis is not None:
                mine = [n for n, g in enumerate(p.groups) if g == group]
                for n, arg in zip(mine, spread(nnx, tuple(args[n] for n in mine), axis, layer[1]), strict=True):
                    args[n] = arg
    return tuple(args)


def lifted(nnx: Any, layers: tuple[Any, ...], p: Any) -> Any:
    """The body under the layers, the first of which is the outermost: a function of the index and the arguments."""
    if not layers:
        return p.body
    layer, inner = layers[0], lifted(nnx, layers[1:], p)
    match layer[0]:
        case "jit":
            return nnx.jit(inner)
        case "remat":
            return nnx.remat(inner)
        case "checkify":
            return lambda i, *args: nnx.checkify(inner)(i, *args)[1]
        case "cond":
            return lambda i, *args: nnx.cond(True, inner, lambda *a: inner(*a), i, *args)
        case "switch":
            return lambda i, *args: nnx.switch(2, [inner, lambda *a: inner(*a), inner], i, *args)
        case "grad":
            return lambda i, *args: _grad(nnx, inner, _differentiated(nnx, p) if layer[1] else (), i, args)
        case "vmap":
            return lambda i, *args: _vmap(nnx, inner, layer, p.groups, i, args)
        case "scan":
            return lambda i, *args: _scan(nnx, inner, layer, p.groups, i, args)
        case "fori":
            return lambda i, *args: _fori(nnx, inner, layer[1], i, args)
        case _:
            return lambda i, *args: _while(nnx, inner, layer[1], i, args)


def is_float(path: Any, leaf: Any) -> bool:
    """A filter: leaves that can be differentiated."""
    value = leaf.get_raw_value() if hasattr(leaf, "get_raw_value") else leaf
    return hasattr(value, "dtype") and bool(jnp.issubdtype(value.dtype, jnp.floating))


def _differentiated(nnx: Any, p: Any) -> tuple[int, ...]:
    """Positions of the arguments to differentiate: the first, and all that share objects with it, if all can be.

    A backend that cannot choose their leaves by a filter differentiates none of them.
    """
    if not nnx.offers("transform.diff-state"):
        return ()
    mine = [number for number, group in enumerate(p.groups) if group == p.groups[0]]
    return tuple(mine) if all(p.nodes[number] for number in mine) else ()


def _grad(nnx: Any, inner: Any, positions: tuple[int, ...], i: Any, args: tuple[Any, ...]) -> Any:
    argnums = (0, *(nnx.DiffState(2 + number, is_float) for number in positions))
    return nnx.grad(lambda x, i, *a: (x, inner(i, *a)), argnums=argnums, has_aux=True)(jnp.float32(1), i, *args)[1]


def _vmap(nnx: Any, inner: Any, layer: tuple[Any, ...], groups: Any, i: Any, args: tuple[Any, ...]) -> Any:
    axes = (0, *(spec_of(layer, group) for group in groups))
    return nnx.vmap(inner, in_axes=axes, out_axes=0)(i * layer[1] + jnp.arange(layer[1], dtype="int32"), *args)


def _scan(nnx: Any, inner: Any, layer: tuple[Any, ...], groups: Any, i: Any, args: tuple[Any, ...]) -> Any:
    kind, size, specs, reverse = layer
    specs = [spec_of(layer, group) for group in groups]
    carried = tuple(arg for arg, spec in zip(args, specs, strict=True) if spec == "carry")
    others = [arg for arg, spec in zip(args, specs, strict=True) if spec != "carry"]
    indices = i * size + jnp.arange(size, dtype="int32")

    def body(carry: Any, j: Any, *rest: Any) -> Any:
        first, second = iter(carry), iter(rest)
        return carry, inner(j, *(next(first) if spec == "carry" else next(second) for spec in specs))

    rest_axes = [spec for spec in specs if spec != "carry"]
    scan = nnx.scan(body, in_axes=(nnx.Carry, 0, *rest_axes), out_axes=(nnx.Carry, 0), reverse=reverse)
    return scan(carried, indices, *others)[1]


def _fori(nnx: Any, inner: Any, size: int, i: Any, args: tuple[Any, ...]) -> Any:
    def body(j: Any, val: Any) -> Any:
        inner(i * size + j, *val)
        return val

    nnx.fori_loop(0, size, body, args)
    return ()


def _while(nnx: Any, inner: Any, size: int, i: Any, args: tuple[Any, ...]) -> Any:
    def body(val: Any) -> Any:
        inner(i * size + val[0], *val[1])
        return (val[0] + 1, val[1])

    nnx.while_loop(lambda val: val[0] < size, body, (jnp.int32(0), args))
    return ()


# what it means


def eager(nnx: Any, layers: tuple[Any, ...], p: Any, start: int = 0) -> tuple[Any, Any, Any]:
    """What the layers mean: the body run once for each lane and iteration, in order, on graphs built for them.

    Returns:
        Arguments afterwards, objects of the arguments before (see `objects`), output; all of graphs built afresh.

    Raises:
        LanesDiffer: a leaf that has no axis differs between lanes.
        Exception: whatever the body raises.
    """
    groups = sorted(set(p.groups))
    sizes = [range(layer[1]) if layer[0] in ("vmap", *LOOPS) else range(1) for layer in layers]
    order = [reversed(r) if layer[0] == "scan" and layer[3] else r for layer, r in zip(layers, sizes, strict=True)]
    copies: dict[tuple[int, tuple[int, ...]], tuple[Any, ...]] = {}
    for group, *where in itertools.product(groups, *(r or range(1) for r in sizes)):
        key = _lanes_of(layers, group, where)
        if (group, key) not in copies:
            copies[group, key] = _lane_arguments(nnx, layers, p, group, where)
    # The handles that a caller holds: those of the first lane, into which the others are gathered.
    first = [0] * len(layers)
    held = objects(nnx, _chosen(layers, p, copies, first))
    outputs: dict[tuple[int, ...], Any] = {}
    for indices in itertools.product(*order):
        i = start
        for layer, index in zip(layers, indices, strict=True):
            i = i * layer[1] + index if layer[0] in ("vmap", *LOOPS) else i
        outputs[indices] = p.body(jnp.asarray(i, "int32"), *_chosen(layers, p, copies, indices))
    after = _chosen(layers, p, copies, first)
    linked = _linked(nnx, layers, p, after)
    out = _output(nnx, layers, outputs, ())
    gathered: dict[int, Any] = {}
    for group in groups:
        if linked[group] == group:
            together = [g for g in groups if linked[g] == group]
            gathered |= zip(together, _gather_arguments(nnx, layers, p, copies, together), strict=True)
    if not in_place(nnx):  # what was gathered is new, and nothing is shared
        each = {group: iter(args) for group, args in gathered.items()}
        after = tuple(next(each[group]) for group in p.groups)
        held = objects(nnx, after)
    return after, held, out


def objects(nnx: Any, root: Any) -> list[Any]:
    """Every node and Variable reachable, in the order of their canonical paths."""
    return [visit.value for visit in walk(nnx, root) if visit.kind in ("node", "variable") and not visit.again]


def _lanes_of(layers: tuple[Any, ...], group: int, indices: Any) -> tuple[int, ...]:
    return tuple(index for layer, index in zip(layers, indices, strict=True) if has_lanes(layer, group))


def _lane_arguments(nnx: Any, layers: tuple[Any, ...], p: Any, group: int, indices: Any) -> tuple[Any, ...]:
    args = tuple(arg for arg, g in zip(p.make(), p.groups, strict=True) if g == group)
    for layer, index in zip(reversed(layers), reversed(tuple(indices)), strict=True):
        args = variant_of(nnx, args, index if axis_in(layer, group) is not None else 0)
    return args


def _chosen(layers: tuple[Any, ...], p: Any, copies: Any, indices: Any) -> tuple[Any, ...]:
    mine = {group: iter(copies[group, _lanes_of(layers, group, indices)]) for group in set(p.groups)}
    return tuple(next(mine[group]) for group in p.groups)


def _linked(nnx: Any, layers: tuple[Any, ...], p: Any, args: Any) -> dict[int, int]:
    """For each group the first one with which it shares an object now: a body may have put a part of one into another.

    Raises:
        LanesDiffer: they have other axes, so the object would need both.
    """
    owner: dict[int, int] = {}
    linked = {group: group for group in p.groups}
    for arg, group in zip(args, p.groups, strict=True):
        for x in objects(nnx, arg):
            other = owner.setdefault(id(x), linked[group])
            if other != linked[group]:
                if any(spec_of(one, other) != spec_of(one, group) for one in layers if one[0] in ("vmap", "scan")):
                    raise LanesDiffer("an object is in two arguments that have different axes")
                last = linked[group]
                linked = {g: min(other, last) if at in (other, last) else at for g, at in linked.items()}
                owner = {key: linked[at] for key, at in owner.items()}
    return linked


def _gather_arguments(nnx: Any, layers: tuple[Any, ...], p: Any, copies: Any, groups: list[int]) -> Any:
    """Stacks the lanes of groups that have the same axes, into those of the first lane where that can be; gives the
    arguments of each group."""
    axes = [axis_in(layer, groups[0]) for layer in layers if has_lanes(layer, groups[0])]
    keys = [key for group, key in copies if group == groups[0]]
    found = {key: tuple(copies[group, key] for group in groups) for key in keys}
    for axis in reversed(axes):
        lanes: dict[tuple[int, ...], Any] = {}
        for key in sorted(found):
            lanes.setdefault(key[:-1], []).append(found[key])
        found = {key: gather(nnx, each, axis) for key, each in lanes.items()}
    return found[()]


def _output(nnx: Any, layers: tuple[Any, ...], outputs: Any, prefix: tuple[int, ...]) -> Any:
    if len(prefix) == len(layers):
        return outputs[prefix]
    layer = layers[len(prefix)]
    if layer[0] in ("fori", "while"):
        return ()
    size = layer[1] if layer[0] in ("vmap", "scan") else 1
    lanes = [_output(nnx, layers, outputs, (*prefix, index)) for index in range(size)]
    return gather(nnx, lanes, 0) if layer[0] in ("vmap", "scan") else lanes[0]
