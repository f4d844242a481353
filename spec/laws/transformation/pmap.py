"""Laws of pmap: vmap over devices."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...devices import devices
from ...lanes import gather, spread, variant_of
from ...law import Law, law
from ...observation import leaves
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .sharding import added, with_arguments, with_static


def exact_variables(nnx: Any, root: Any) -> list[Any]:
    """The Variables of a graph that hold numbers whose sums are exact, in canonical order."""
    found = [leaf for leaf in leaves(nnx, root).values() if is_variable(nnx, leaf)]
    return [v for v in found if isinstance(v.get_value(), jax.Array) and v.get_value().dtype in ("float32", "int32")]


def work_in_lane(nnx: Any, m: Any, x: Any, picks: Any, total: Any) -> Any:
    """What a lane does: to each Variable what its pick says, and two outputs.

    A Variable that is no Param is the same in all lanes and stays so.
    """
    for number, v in enumerate(exact_variables(nnx, m)):
        pick, value = picks[number % len(picks)], v.get_value()
        if pick == 1:
            v.set_value(value + value)
        elif pick == 2:
            v.set_metadata(note="seen")
        elif isinstance(v, nnx.Param) and pick == 3:
            v.set_value(value + x.astype(value.dtype))
        elif isinstance(v, nnx.Param) and pick == 4:
            v.set_value(total(number, value))
    return x + 1, nnx.Param(x * 2)


@law(
    "pmap.as-vmap",
    term=TRANSFORMATION,
    uses=("transform.pmap", "transform.state-axes", "mutation", "metadata"),
)
def as_vmap(nnx: Any, make: Any, lanes: int, picks: Any, static: Any) -> Claims:
    """pmap obeys the laws of vmap, over devices: lane i is the eager run on slice i, on the i-th of the given devices,
    StateAxes choose the axis of each leaf, what no lane may change differently is shared by all, and sums across lanes
    are those of all lanes; a second call gives what a second eager call gives.

    Static arguments, one or two, may stand anywhere, with None in in_axes, as in jax. jax's own pmap takes no negative
    axes or positions. Whether an update that depends on the lane is refused under axis None is free, since jax's own
    pmap does not look.
    """
    across = devices()[::-1][:lanes]  # not those that jax itself would take

    def along(path: Any, leaf: Any) -> Any:
        return 0 if isinstance(leaf, nnx.Param) else None

    def summed(number: int, value: Any) -> Any:
        return jax.lax.psum(value, "lanes")  # type: ignore[no-untyped-call]  # jax does not say

    def body(m: Any, x: Any) -> Any:
        return work_in_lane(nnx, m, x, picks, summed)

    axes = nnx.StateAxes({nnx.Param: 0, ...: None})
    function, options = with_static(body, static)
    mapped = nnx.pmap(
        function,
        in_axes=with_arguments((axes, 0), static, (None, None)),
        out_axes=(0, 0),
        axis_name="lanes",
        devices=across,
        **({"static_broadcasted_argnums": options["static_argnums"]} if options else {}),
    )

    def eager(calls: int) -> Any:
        """The graph after some calls, and the outputs of the last, by running the lanes one by one."""
        alone = [variant_of(nnx, make(), number, along) for number in range(lanes)]
        outs: list[Any] = []
        for _ in range(calls):
            starts = [[v.get_value() for v in exact_variables(nnx, one)] for one in alone]

            def total(number: int, value: Any, starts: Any = starts) -> Any:
                return sum((start[number] for start in starts[1:]), starts[0][number])

            given = [jnp.int32(number + added(static)) for number in range(lanes)]
            outs = [work_in_lane(nnx, one, x, picks, total) for one, x in zip(alone, given, strict=True)]
        plain, made = [out[0] for out in outs], [out[1] for out in outs]
        return gather(nnx, alone, along), jnp.stack(plain), gather(nnx, made, 0)

    m, numbers = spread(nnx, make(), along, lanes), jnp.arange(lanes, dtype="int32")
    for calls in (1, 2):
        plain, made = mapped(*with_arguments((m, numbers), static))
        yield Eq((m, plain, made), eager(calls), f"call number {calls}")
        there = {shard.index[0].start or 0: shard.device for shard in plain.addressable_shards}
        yield Eq([str(there[lane]) for lane in sorted(there)], [str(each) for each in across], "where the lanes are")


LAWS: tuple[Law, ...] = (as_vmap,)
