"""Laws of `vmap`: each lane is an eager run on its slice, and what has no axis is one for all lanes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ...apart import apart
from ...claims import Claims, Eq, EqOrRefused, Outcome, Refused, attempt
from ...classes import module_class
from ...lanes import LanesDiffer, arrays
from ...law import SHOULD, Law, law
from ...layers import arguments, eager, lifted
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .prefixes import AXES, assigned, by_filter, fill
from .transparency import meaning

LANES = 2
"""How many lanes all runs have: one number, so that what jax has compiled serves again."""


def change(variables: Any, edits: Any, i: Any) -> None:
    """A few effects on what Variables there are: each edit is (kind, which, other); `i` is the number of the lane."""
    for kind, which, other in edits if variables else ():
        v, w = variables[which % len(variables)], variables[other % len(variables)]
        match kind:
            case "lane":
                v.set_value(v.get_value() * 2 + i)
            case "copy":
                v.set_value(w.get_value())
            case "index":
                v.set_value(jnp.asarray(v.get_value()).at[0].set(w.get_value()[1].sum() * i))
            case "swap":
                v.set_value(w.get_value().swapaxes(0, 1))
            case "grow":
                v.set_value(jnp.concatenate([w.get_value(), w.get_value()], axis=1))
            case "dtype":
                v.set_value(w.get_value().astype("int32"))
            case _:
                v.set_metadata(note=which)


def values_of(nnx: Any, root: Any) -> list[Any]:
    """The values of the Variables of a graph in canonical order, as numpy arrays."""
    return [np.asarray(leaf.get_value()) for leaf in leaves(nnx, root).values() if is_variable(nnx, leaf)]


def stacked(lanes: list[Any], axis: int | None) -> Any:
    """The arrays of the lanes as one; without axis, where they are all the same, the first."""
    return jnp.asarray(lanes[0] if axis is None else np.stack(lanes, axis))


@law("vmap.axis", term=TRANSFORMATION, uses=("transform.vmap",))
def axis(nnx: Any, case: Any) -> Claims:
    """For a node under axis k every leaf has axis k removed inside and restored outside, lane i equals the eager run on
    slice i, and negative axes count from the end.
    """
    layers, p = case
    yield from meaning(nnx, layers, p)


@law(
    "vmap.shapes",
    term=TRANSFORMATION,
    uses=("transform.vmap", "mutation", "mutation.any-value", "metadata"),
    reason="The clause of vmap.axis on shapes that change inside, with axes of the output too; programs keep theirs.",
)
def shapes(nnx: Any, make: Any, edits: Any, axis: int, out: int) -> Claims:
    """The values of Variables may change shape and dtype inside; outside they have the axis of their prefix again, and
    outputs the axis that is asked for.
    """
    m = make()
    held = fill(nnx, m)
    lanes = []
    for i in range(LANES):
        lane = make()
        for variable in fill(nnx, lane):
            variable.set_value(variable.get_value().take(i, axis))
        change(list(leaves(nnx, lane).values()), edits, jnp.int32(i))
        lanes.append((lane, values_of(nnx, lane)))
    expected = lanes[0][0]
    outputs = [stacked(list(several), out) for several in zip(*(values for _, values in lanes), strict=True)]
    for number, variable in enumerate(leaves(nnx, expected).values()):
        variable.set_value(stacked([values[number] for _, values in lanes], axis))

    def body(m: Any, i: Any) -> Any:
        change(list(leaves(nnx, m).values()), edits, i)
        return [variable.get_value() for variable in leaves(nnx, m).values()]

    came = nnx.vmap(body, in_axes=(axis, 0), out_axes=out)(m, jnp.arange(LANES))
    yield Eq(came, outputs, "outputs of all lanes")
    yield Eq((m, held), (expected, list(leaves(nnx, expected).values())), "the graph afterwards, with what was held")


@law("vmap.broadcast-state", term=TRANSFORMATION, uses=("transform.vmap", "mutation"))
def broadcast_state(nnx: Any, p: Any, size: int) -> Claims:
    """Under axis None an update that does not depend on the lane is visible outside, once, and one that does depend on
    the lane is refused with ValueError and changes nothing.
    """
    layers = (("vmap", size, (None,)),)
    args = arguments(nnx, layers, p)
    expected = attempt(lambda: eager(nnx, layers, p))
    run = lifted(nnx, layers, p)
    if isinstance(expected.error, LanesDiffer):
        yield Refused(
            ValueError, lambda: apart(lambda: run(jnp.int32(0), *args)), args, "an update that depends on the lane"
        )
    elif expected.error is not None:
        yield Refused(Exception, lambda: apart(lambda: run(jnp.int32(0), *args)), args, "refused, as eagerly")
    else:
        after, _, out = expected.value
        came = attempt(lambda: (args, apart(lambda: run(jnp.int32(0), *args))))
        # whether an array without elements depends on the lane cannot be seen from what is in it
        if "varying" in p.effects or any(x.size == 0 for x in arrays(nnx, after)):
            yield EqOrRefused(came, (after, out), ValueError, about="an update that happens to be the same")
        else:
            yield Eq(came, Outcome((after, out)), "an update that is the same in all lanes")


@law("vmap.state-axes", term=TRANSFORMATION, uses=("transform.vmap", "transform.state-axes", "mutation", "filters"))
def state_axes(nnx: Any, make: Any, trees: Any, axes: Any, step: int) -> Claims:
    """StateAxes give every leaf the axis of the first filter that matches it: an update of a leaf with an axis is put
    back at that axis, one of a leaf without axis is made once.
    """
    m, expected = make(), make()
    fill(nnx, m)
    fill(nnx, expected)
    values = [AXES[axes[i % len(axes)]] for i in range(len(trees))]
    prefix = by_filter(nnx, (*trees, ("all", ...)), (*values, None))
    axis_of, elsewhere = assigned(nnx, expected, (*trees, ("all", ...)), (*values, None))
    for path, leaf in leaves(nnx, expected).items():
        axis = axis_of[path]
        lane = 0 if axis is None else np.arange(LANES).reshape([-1 if k == axis else 1 for k in range(3)])
        leaf.set_value(leaf.get_value() + jnp.asarray(lane * (step + 1) + 1, "float32"))

    def body(m: Any, i: Any) -> None:
        for path, leaf in leaves(nnx, m).items():
            leaf.set_value(leaf.get_value() + (1 if axis_of[path] is None else i * (step + 1) + 1))

    def run() -> Any:
        nnx.vmap(body, in_axes=(nnx.StateAxes(prefix), 0))(m, jnp.arange(LANES))
        return m

    if elsewhere:
        yield EqOrRefused(attempt(run), expected, ValueError, about="the graph afterwards")
    else:
        yield Eq(run(), expected, "the graph afterwards")


@law("vmap.creation", term=TRANSFORMATION, uses=("transform.structure", "transform.vmap", "annotations", "mutation"))
def creation(nnx: Any, make: Any, out: int | None, varies: bool, axis: int | None) -> Claims:
    """Modules created inside come back stacked, or single under output axis None if they do not depend on the lane (if
    they do, the call is refused with ValueError), and what is added to an input gets the axis of its prefix.
    """

    Holder = module_class(nnx, "Holder")

    def created(i: Any) -> Any:
        new = make()
        for variable in fill(nnx, new, (2, 3)):
            variable.set_value(variable.get_value() + (i if varies else 1))
        return new

    def whole(axis: int | None) -> Any:
        new = make()
        for variable in fill(nnx, new, (2, 3)):
            value = np.asarray(variable.get_value())
            each = [value + np.float32(i if varies else 1) for i in range(LANES)]
            variable.set_value(stacked(each, axis))
        return new

    def build(filled: Any) -> Any:
        holder = Holder()
        holder.w = nnx.Param(jnp.zeros((2, 2, 2)))
        if filled is not None:
            holder.new = filled
            holder.list = nnx.data([filled])
        return holder

    def add(holder: Any, i: Any) -> None:
        holder.new = created(i)
        holder.list = nnx.data([holder.new])

    lanes = jnp.arange(LANES)
    varies = varies and len(leaves(nnx, make())) > 0
    if varies and out is None:
        no_axis = nnx.vmap(created, out_axes=None)
        yield Refused(ValueError, lambda: apart(lambda: no_axis(lanes)), (), "created, no output axis")
        yield Eq(nnx.vmap(created, out_axes=0)(lanes), whole(0), "the next call")
    else:
        yield Eq(nnx.vmap(created, out_axes=out)(lanes), whole(out), f"created, output axis {out}")
    holder = build(None)
    run = nnx.vmap(add, in_axes=(axis, 0))
    if varies and axis is None:
        yield Refused(ValueError, lambda: apart(lambda: run(holder, lanes)), (holder,), "added, no axis")
    else:
        run(holder, lanes)
        yield Eq(holder, build(whole(axis)), f"added to an input under axis {axis}")


@law("vmap.rank-error", term=TRANSFORMATION, level=SHOULD, uses=("transform.vmap", "transform.state-axes", "mutation"))
def rank_error(nnx: Any, make: Any, pick: int, axis: int, streams: bool) -> Claims:
    """A leaf that lacks the axis of its prefix, such as a scalar or the count of a stream under axis 0, is refused with
    ValueError, and the graph is unchanged.
    """

    Holder = module_class(nnx, "Holder")

    m = Holder()
    m.m = make()
    m.v = nnx.Param(0)
    variables = fill(nnx, m, (2, 2))
    if streams and nnx.offers("rng.streams"):
        m.v = nnx.Rngs(0)
    else:
        rank = axis if axis >= 0 else -axis - 1
        short = variables[pick % len(variables)]
        short.set_value(jnp.zeros((2,) * min(rank, 1)))
    before = observe(nnx, m)

    def body(m: Any) -> Any:
        return jnp.zeros(())

    run = nnx.vmap(body, in_axes=axis, axis_size=2)
    yield Refused(ValueError, lambda: apart(lambda: run(m)), (m,), f"axis {axis}")
    came = nnx.vmap(body, in_axes=(nnx.StateAxes({...: None}),), axis_size=2)(m)
    yield Eq(came, jnp.zeros(2), "the next call")
    yield Eq(m, before, "the graph")


LAWS: tuple[Law, ...] = (axis, shapes, broadcast_state, state_axes, creation, rank_error)
