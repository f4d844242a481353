"""Laws of metadata under transforms: names of axes that come and go with them, and changes that are seen outside."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...apart import apart
from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...devices import devices
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...terms import TRANSFORMATION
from .functions import lifted
from .prefixes import fill

NAMES = ("p", None, "q")
"""Names of the axes of a value in metadata; None names no axis."""


def with_name(names: Any, axis: int, name: Any) -> Any:
    """The names with one more at an axis; negative ones count from the end of what comes out.

    Names may be fewer than axes, as in a `jax.sharding.PartitionSpec`; None stands for those between.
    """
    at = axis if axis >= 0 else len(names) + 1 + axis
    names = (*names, *(None,) * (at - len(names)))
    return (*names[:at], name, *names[at:])


@law(
    "variable.axis-metadata",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=(
        "transform.metadata",
        "transform.vmap",
        "transform.scan",
        "transform.pmap",
        "transform.state-axes",
        "PARTITION_NAME",
        "metadata",
        "metadata.names",
        "mutation",
    ),
    tags=("extended",),
    reason="Of the hooks only the entries that name axes: hooks have laws of their own.",
)
def axis_metadata(
    nnx: Any,
    make: Any,
    entry: str,
    axis: int,
    out: int,
    transform: str,
    explicit: bool | str,
    writes: bool,
    unnamed: bool,
    decorator: bool,
) -> Claims:
    """Metadata that names the axes of a value is transformed by vmap, pmap and scan when that is asked for: the name of
    the mapped axis is gone inside and back outside, and a Variable that is created inside gets it at the axis of the
    output, also where it names fewer axes than it has. A Variable without axis keeps its names. Another name at the
    mapped axis, or none, is refused with ValueError.

    Negative axes are tried where every axis is named; jax's own pmap takes none.
    """
    if transform == "pmap":
        devices(2)
        axis, out = axis % 3, out % 3
    if unnamed:
        out = out % 3

    Holder = module_class(nnx, "Holder")

    m = Holder()
    m.m = make()
    variables = fill(nnx, m, (2, 2, 2))
    plain = explicit == "plain"  # one axis for all of the node
    m.fixed = nnx.Cache(jnp.zeros((2, 2, 2) if plain else (2, 2)))
    m.fixed.set_metadata(**{entry: with_name(NAMES[:2], axis, "lanes") if plain else NAMES[:2]})
    for variable in variables:
        variable.set_metadata(**{entry: with_name(NAMES[:2], axis, "lanes")})
    before = observe(nnx, m)
    axes = axis if plain else nnx.StateAxes({nnx.PathContains("fixed"): None, ...: axis})
    names = {nnx.PARTITION_NAME: "lanes"} if entry == "out_sharding" else {nnx.PARTITION_NAME: "no", entry: "lanes"}
    seen: list[Any] = []

    def body(m: Any, i: Any) -> Any:
        seen.append(m.fixed.get_metadata(entry))
        for variable in fill_targets(nnx, m):
            seen.append(variable.get_metadata(entry))
            if writes:
                variable.set_value(variable.get_value() + 0)
        new = nnx.Param(jnp.zeros((2, 2)))
        new.set_metadata(**{entry: NAMES[: 2 - unnamed]})
        return new

    def lift(transform: Any, f: Any, **options: Any) -> Any:
        options |= {"in_axes": (axes, 0), "out_axes": out}
        return transform(**options)(f) if decorator else transform(f, **options)

    def run(names: Any) -> Any:
        if explicit and entry == "out_sharding":
            f = lift(nnx.transform_metadata, body, partition=names[nnx.PARTITION_NAME])
            names = {}
        else:
            f = body
        options = {"transform_metadata": names} if names else {}
        outer = {"vmap": nnx.vmap, "pmap": nnx.pmap, "scan": nnx.scan}[transform]
        return apart(lambda: lift(outer, f, **options)(m, jnp.arange(2)))

    wrong = dict.fromkeys(names, "others")
    if variables:
        yield Refused(ValueError, lambda: run(wrong), (m,), f"{transform}: another name at the axis")
        for variable in variables:
            variable.set_metadata(**{entry: with_name(NAMES[:2], axis, None)})
        yield Refused(ValueError, lambda: run(names), (m,), f"{transform}: no name at the axis")
        for variable in variables:
            variable.set_metadata(**{entry: with_name(NAMES[:2], axis, "lanes")})
    seen.clear()
    new = run(names)
    yield Eq(set(seen[: len(variables) + 1]), {NAMES[:2]}, f"{transform}: names inside")
    yield Eq(m, before, f"{transform}: names outside")
    yield Eq(
        new.get_metadata(entry),
        with_name(NAMES[: 2 - unnamed], out, "lanes"),
        f"{transform}: of what was created inside",
    )


def fill_targets(nnx: Any, m: Any) -> list[Any]:
    """The Variables below `m.m`, which `fill` has filled."""
    return list(leaves(nnx, m.m).values())


LIFTED = ("jit", "grad", "vmap", "scan", "remat", "cond", "switch", "checkify", "while-loop", "fori-loop")
"""Transforms that write changes of metadata back; those of `functions.lifted`."""


@law(
    "variable.metadata-propagates-lifted",
    term=TRANSFORMATION,
    uses=("metadata.names", "metadata", "transform.jit", "mutation"),
    reason="The clause of variable.metadata-propagates on lifted transforms.",
)
def metadata_propagates(nnx: Any, transform: str, operation: str, writes: bool, hidden: bool) -> Claims:
    """Metadata set, changed or deleted on an input Variable inside a transform is visible outside after the call,
    whether or not the value changed as well.

    A loop that carries the Variable may refuse the change, since it changes the structure of its carry.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> tuple[Any, Any]:
        m, w = Holder(), Holder()
        m.v = nnx.Param(jnp.zeros(1), note=1, extra="e")
        m.other = nnx.BatchStat(jnp.ones(1), note=1)
        w.v = nnx.Param(jnp.ones(1), note=1)
        if hidden:
            m.list = nnx.data([m.v])
            del m.v
        return m, w

    def f(m: Any, w: Any) -> Any:
        for variable in (m.list[0] if hidden else m.v, w.v):
            if operation == "set":
                variable.set_metadata(new=2)
            elif operation == "change":
                variable.set_metadata(note="n")
            else:
                variable.del_metadata("note")
            if writes:
                variable.set_value(variable.get_value() * 2)
        return w.v.get_value().sum()

    m, w = build()
    expected = build()
    f(*expected)
    before = observe(nnx, (m, w))
    run = lifted(nnx, transform, f)
    if transform in ("while-loop", "fori-loop", "scan"):
        came = attempt(lambda: run(m, w))
        yield EqOrRefused(came, came.value, (ValueError, TypeError), about=f"{transform}: the call")
        after = observe(nnx, (m, w))
        yield Eq(after, before if came.error is not None else observe(nnx, expected), f"{transform}: afterwards")
    else:
        run(m, w)
        yield Eq((m, w), expected, f"{transform}: afterwards")


LAWS: tuple[Law, ...] = (axis_metadata, metadata_propagates)
