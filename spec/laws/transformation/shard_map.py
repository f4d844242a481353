"""Laws of shard_map: the function sees the block of one device."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...blocks import (
    SIDE,
    assembled,
    block_of,
    chosen_trees,
    coordinates,
    layout_at,
    layout_on,
    live_filters,
    misplaced,
    sharding_of,
    spec_of,
    widened,
)
from ...claims import Claims, Eq, Refused, attempt
from ...devices import mesh as mesh_of
from ...lanes import arrays, rewrite
from ...law import Law, law
from ...observation import leaves
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION


def work_in_block(nnx: Any, m: Any, x: Any, picks: Any, total: Any, varies: Any) -> Any:
    """What a device does with its block: to each Variable what its pick says, and two outputs."""
    number = -1
    for path, v in leaves(nnx, m).items():
        if not is_variable(nnx, v) or not isinstance(v.get_value(), jax.Array):
            continue
        number += 1
        pick, value = picks[number % len(picks)], v.get_value()
        if pick == 1:
            v.set_value(value + value)
        elif pick == 2:
            v.set_metadata(note="seen")
        elif varies(path, v) and pick == 3:
            v.set_value(value + x[0].astype(value.dtype))
        elif pick == 4:
            v.set_value(total(number, value))
    return x + 1, nnx.Param(x * 2)


def sums_over_a(nnx: Any, mesh: Any, parts: list[Any]) -> list[list[Any]]:
    """For each device, and each of its Variables, the sum over all devices that differ from it at most in axis a."""
    held = []
    for part in parts:
        values = [v.get_value() for v in leaves(nnx, part).values() if is_variable(nnx, v)]
        held.append([value for value in values if isinstance(value, jax.Array)])
    places = [{k: v for k, v in at.items() if k != "a"} for at in coordinates(mesh)]
    sums = []
    for here in places:
        same = [values for place, values in zip(places, held, strict=True) if place == here]
        sums.append([jnp.asarray(sum(map(np.asarray, column)), column[0].dtype) for column in zip(*same, strict=True)])
    return sums


@law(
    "shard-map.blockwise",
    term=TRANSFORMATION,
    uses=("transform.shard-map", "transform.state-sharding", "mutation", "metadata", "BatchStat", "Cache"),
)
def blockwise(nnx: Any, make: Any, shape: Any, plan: Any, picks: Any) -> Claims:
    """In shard_map the function sees the block of one device: after the call each block of every leaf is what the eager
    run on that block gives, by the spec of the first filter that matches the leaf, sums over an axis of the mesh are
    those of all blocks along it, and leaves that were written lie on the mesh as their spec says.

    Where leaves lie that nobody wrote is free.
    """
    mesh = mesh_of(shape)
    trees = chosen_trees(nnx, mesh, plan)
    along_a = ("a",)

    def layout(path: Any, leaf: Any) -> Any:
        return layout_at(nnx, trees, path, leaf)

    def varies(path: Any, leaf: Any) -> bool:
        return any("a" in names for names in layout(path, leaf))

    def summed(number: int, value: Any) -> Any:
        return jax.lax.psum(value, "a")  # type: ignore[no-untyped-call]  # jax does not say

    def body(m: Any, x: Any) -> Any:
        return work_in_block(nnx, m, x, picks, summed, varies)

    specs = nnx.StateSharding({each: spec_of(found) for each, found in live_filters(nnx, trees)})
    mapped = nnx.shard_map(
        body, mesh=mesh, in_specs=(specs, spec_of(along_a)), out_specs=(spec_of(along_a), spec_of(along_a))
    )
    m, x = widened(nnx, make()), jnp.arange(SIDE, dtype="int32")
    parts, blocks = [], []
    for at in coordinates(mesh):

        def cut(path: Any, leaf: Any, whole: Any, at: Any = at) -> Any:
            return jnp.asarray(np.asarray(whole)[block_of(mesh, layout(path, leaf), at, whole.shape)])

        parts.append(rewrite(nnx, widened(nnx, make()), cut))
        blocks.append(jnp.asarray(np.asarray(x)[block_of(mesh, along_a, at, x.shape)]))
    sums = sums_over_a(nnx, mesh, parts)
    outs = [
        work_in_block(nnx, part, block, picks, lambda number, value, own=own: own[number], varies)
        for part, block, own in zip(parts, blocks, sums, strict=True)
    ]
    lists = [iter(arrays(nnx, part)) for part in parts]

    def whole(path: Any, leaf: Any, block: Any) -> Any:
        return assembled(mesh, layout(path, leaf), [next(each) for each in lists])

    expected = rewrite(nnx, parts[0], whole)
    plain = assembled(mesh, along_a, [out[0] for out in outs])
    made = nnx.Param(assembled(mesh, along_a, [out[1].get_value() for out in outs]))
    yield Eq(mapped(m, x), (plain, made), "the outputs")
    yield Eq(m, expected, "the argument afterwards")
    before = {
        path: leaf.get_value() for path, leaf in leaves(nnx, widened(nnx, make())).items() if is_variable(nnx, leaf)
    }
    written = {
        path
        for path, leaf in leaves(nnx, expected).items()
        if path in before and isinstance(before[path], jax.Array) and not np.array_equal(before[path], leaf.get_value())
    }

    def wanted(path: Any, leaf: Any) -> Any:
        return sharding_of(mesh, layout(path, leaf)) if path in written else None

    yield Eq(misplaced(nnx, m, wanted), [], "where the written leaves lie")


@law(
    "shard-map.replicated-writes",
    term=TRANSFORMATION,
    uses=("transform.shard-map", "mutation"),
)
def replicated_writes(nnx: Any, shape: Any, number: int, decorator: bool) -> Claims:
    """A write that differs from block to block, to a leaf whose spec does not deal it out over that axis of the mesh,
    is refused with ValueError and changes nothing; the next call works.

    So does jax's own shard_map with what is returned, unless the check is switched off by `check_vma`, where
    there is this option. An axis of the mesh that `axis_names` leaves out, where there is that one, is unknown to the
    function, as in jax: a sum along it is refused with NameError. All options work with shard_map as decorator too.
    """
    mesh = mesh_of(shape)
    layout = tuple(names.replace("a", "") for names in layout_on(mesh, number))

    def body(v: Any, x: Any, factor: Any) -> None:
        v.set_value(v.get_value() + x[0] * factor if factor is not None else v.get_value() + 1)

    def lifted(function: Any, in_specs: Any, out_specs: Any, **options: Any) -> Any:
        options = {"mesh": mesh, "in_specs": in_specs, "out_specs": out_specs, **options}
        return nnx.shard_map(**options)(function) if decorator else nnx.shard_map(function, **options)

    def mapped(factor: Any, **options: Any) -> Any:
        specs = (spec_of(layout), spec_of(("a",)))
        return lifted(lambda v, x: body(v, x, factor), specs, spec_of(()), **options)

    def summed(axis: str, **options: Any) -> Any:
        along_a, total = spec_of(("a",)), jax.lax.psum
        return jax.jit(lifted(lambda x: x + total(1, axis), (along_a,), along_a, **options))  # type: ignore[no-untyped-call]  # jax does not say

    v, x = widened(nnx, nnx.Param(jnp.zeros(()))), jnp.arange(SIDE, dtype="float32")
    start = v.get_value()
    yield Refused(ValueError, lambda: mapped(1)(v, x), unchanged=(v,))
    mapped(None)(v, x)
    yield Eq(v.get_value(), start + 1, "the next call")
    there = inspect.signature(nnx.shard_map).parameters
    if "check_vma" in there:
        yield Eq(attempt(lambda: mapped(1, check_vma=False)(v, x)).error, None, "with the check switched off")
    if "axis_names" in there and "b" in mesh.shape:
        yield Eq(summed("a", axis_names={"a"})(x), x + mesh.shape["a"], "a sum along the axis that is named")
        yield Refused(NameError, lambda: summed("b", axis_names={"a"})(x), about="a sum along the other one")


LAWS: tuple[Law, ...] = (blockwise, replicated_writes)
