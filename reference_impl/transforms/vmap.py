"""`vmap` and `pmap`: one run for each slice of the arguments, at once."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax

from .functions import WeakFunction, check_function, named, positional, renamed
from .jit_options import Statics
from .lift import Axes, Call, Groups, Inside, check_ranks, enter, pack, unpack
from .metadata import with_metadata_transformed
from .prefixes import Site
from .program import place


def vmap(
    f: Callable[..., Any] | None = None,
    *,
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    transform_metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Map a function over an axis of its arguments.

    Args:
        f: sees every array without its axis.
        in_axes: a prefix of the arguments, of ints, None (every lane sees the whole) and `StateAxes`. What is added
            to an argument gets the axis of its place.
        out_axes: the same for the output.
        axis_name: as for `jax.vmap`.
        axis_size: as for `jax.vmap`.
        spmd_axis_name: as for `jax.vmap`.
        transform_metadata: see the function `transform_metadata`.

    Raises:
        ValueError: aliases have different axes; an array lacks its axis; something without axis differs by lane.
    """
    options = {"axis_name": axis_name, "axis_size": axis_size, "spmd_axis_name": spmd_axis_name}
    if f is None:
        return functools.partial(
            vmap, in_axes=in_axes, out_axes=out_axes, transform_metadata=transform_metadata, **options
        )
    check_function(f, "vmap")
    fun = with_metadata_transformed(f, in_axes, out_axes, transform_metadata)
    axes = Axes(in_axes, out_axes, 0)

    def mapped(*args: Any, **kwargs: Any) -> Any:
        packed = pack(args, kwargs, axes)
        check_ranks(packed)

        last: list[Any] = []

        def traced(groups: Groups) -> tuple[Call, Groups]:
            inside = enter(packed.call, groups, axes)
            result, groups = inside.leave(fun(*inside.args, **inside.kwargs))
            last[:] = inside, result
            return result, groups

        lanes = jax.vmap(traced, in_axes=(list(axes.values),), out_axes=(None, list(axes.values)), **options)
        try:
            result, groups = lanes(packed.groups)
        except ValueError as error:
            site = _differing(str(error), *last) if last else None
            if site is None:
                raise
            raise ValueError(
                f"{place(site.top + site.path)} has no axis, but gets a value that differs from lane to lane"
            ) from None
        finally:
            last.clear()
        return unpack(result, groups, packed.objects)

    return named(mapped, f)


def _differing(message: str, inside: Inside, result: Call) -> Site | None:
    """What jax complains about when it says that an output was batched; it knows only groups and numbers."""
    found = re.search(r"out_axes\[1\]\[(\d+)\]\[(\d+)\]", message)
    if found is None or inside.assignment is None:
        return None
    group, index = map(int, found.groups())
    keys = [key for key, number in zip(inside.left, result.deal, strict=True) if number == group]
    return inside.assignment.sites[keys[index]]


def pmap(
    f: Callable[..., Any] | None = None,
    *,
    axis_name: Any = None,
    in_axes: Any = 0,
    out_axes: Any = 0,
    static_broadcasted_argnums: int | Sequence[int] = (),
    devices: Any = None,
    backend: str | None = None,
    axis_size: int | None = None,
    transform_metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Like `vmap`, with each lane on a device of its own; compiled once for each structure, shapes and static values.

    Args:
        f: as for `vmap`.
        axis_name: as for `jax.pmap`.
        in_axes: as for `vmap`; None for a static argument.
        out_axes: as for `vmap`.
        static_broadcasted_argnums: positions, counted from the front, of what each lane gets as it is.
        devices: as for `jax.pmap`.
        backend: as for `jax.pmap`.
        axis_size: as for `jax.pmap`.
        transform_metadata: as for `vmap`.
    """
    options = {"axis_name": axis_name, "devices": devices, "backend": backend, "axis_size": axis_size}
    if f is None:
        return functools.partial(
            pmap,
            in_axes=in_axes,
            out_axes=out_axes,
            static_broadcasted_argnums=static_broadcasted_argnums,
            transform_metadata=transform_metadata,
            **options,
        )
    check_function(f, "pmap")
    fun = with_metadata_transformed(f, in_axes, out_axes, transform_metadata)
    given = static_broadcasted_argnums
    numbers = {given} if isinstance(given, int) else set(given)
    nested = type(in_axes) in (tuple, list)
    axes = Axes(tuple(x for i, x in enumerate(in_axes) if i not in numbers) if nested else in_axes, out_axes, 0)
    weak = WeakFunction(fun)  # jax.pmap keeps what it is given for good

    def traced(call: Call, statics: Statics, groups: Groups) -> tuple[Call, Groups]:
        inside = enter(call, groups, axes)
        args, kwargs = statics.insert(inside.args, inside.kwargs)
        return inside.leave(weak(*args, **kwargs))

    values = list(axes.values)
    lanes = jax.pmap(renamed(traced, f), in_axes=(None, None, values), out_axes=(None, values), **options)

    def mapped(*args: Any, **kwargs: Any) -> Any:
        statics = Statics({i: x for i, x in enumerate(args) if i in numbers}, {})
        packed = pack(tuple(x for i, x in enumerate(args) if i not in numbers), kwargs, axes)
        check_ranks(packed)
        result, groups = lanes(packed.call, statics, packed.groups)
        return unpack(result, groups, packed.objects)

    mapped.fun = fun  # type: ignore[attr-defined]  # lives as long as what calls it
    return named(mapped, f)


def shard_map(
    f: Callable[..., Any] | None = None,
    *,
    mesh: Any,
    in_specs: Any,
    out_specs: Any,
    axis_names: Any = frozenset(),
    check_vma: bool = True,
) -> Any:
    """Map a function over the blocks of its arguments on a mesh of devices.

    Args:
        f: sees the blocks of one device.
        mesh: as for `jax.shard_map`.
        in_specs: a prefix of the arguments, of `PartitionSpec`s and `StateSharding`; keyword arguments have to be
            ones that can be given by position.
        out_specs: the same for the output.
        axis_names: as for `jax.shard_map`.
        check_vma: as for `jax.shard_map`.
    """
    options: dict[str, Any] = {"mesh": mesh, "check_vma": check_vma, "axis_names": axis_names}
    if f is None:
        return functools.partial(shard_map, in_specs=in_specs, out_specs=out_specs, **options)
    check_function(f, "shard_map")
    fun = f
    whole: Any = jax.sharding.PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say
    axes = Axes(in_specs, out_specs, whole)

    def traced(call: Call, groups: Groups) -> tuple[Call, Groups]:
        inside = enter(call, groups, axes)
        return inside.leave(fun(*inside.args))

    specs = [whole if spec is None else spec for spec in axes.values]
    blocks = jax.shard_map(renamed(traced, f), in_specs=(whole, specs), out_specs=(whole, specs), **options)

    def mapped(*args: Any, **kwargs: Any) -> Any:
        packed = pack(positional(fun, args, kwargs), {}, axes)
        result, groups = blocks(packed.call, packed.groups)
        return unpack(result, groups, packed.objects)

    return named(mapped, f)
