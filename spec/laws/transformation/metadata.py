"""Laws of metadata under transforms: names of axes that come and go with them, and changes that are seen outside."""

from __future__ import annotations

import functools
import warnings
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


@functools.cache
def hooked_class(nnx: Any) -> Any:
    """A kind of Param that notes on its class for which axes its hooks are called."""

    class Hooked(nnx.Param):  # type: ignore[misc]  # a backend's class is known at run time only
        def on_remove_axis(self, axis: int, name: str) -> None:
            type(self).calls.append(("removed", type(self).__name__, self.shape, axis, name))

        def on_add_axis(self, axis: int, name: str) -> None:
            type(self).calls.append(("added", type(self).__name__, self.shape, axis, name))

    Hooked.calls = []
    return Hooked


@law(
    "variable.axis-hooks",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("hooks", "transform.metadata", "transform.vmap", "transform.scan", "PARTITION_NAME", "metadata"),
    tags=("extended",),
)
def axis_hooks(nnx: Any, transform: str, axis: int, out: int, explicit: bool, where: str) -> Claims:
    """Where the metadata that names axes is transformed, the hooks on_remove_axis and on_add_axis of a Variable, in its
    metadata or its class, are called with the axis and its name: before the function and after it, once each; that of a
    Variable created inside with the axis of the output. Hooks in metadata get the Variable first, and may be several.
    """
    calls: list[Any] = []

    def removed(variable: Any, axis: int, name: str) -> None:
        calls.append(("removed", type(variable).__name__, variable.shape, axis, name))

    def added(variable: Any, axis: int, name: str) -> None:
        calls.append(("added", type(variable).__name__, variable.shape, axis, name))

    count = 2 if where == "several" else 1
    hooks: dict[str, Any] = {"on_remove_axis": (removed,) * count, "on_add_axis": (added,) * count}
    if where == "one":
        hooks = {"on_remove_axis": removed, "on_add_axis": added}
    made = nnx.Param
    if where == "class":
        hooks, made = {}, hooked_class(nnx)
        made.calls = calls

    def body(v: Any, i: Any) -> Any:
        calls.append("body")
        return made(jnp.zeros((2, 2)), **hooks)

    axes: dict[str, Any] = {"in_axes": (axis, 0), "out_axes": out}
    lift = {"vmap": nnx.vmap, "scan": nnx.scan}[transform]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # hooks may be deprecated
        variable = made(jnp.zeros((2, 2, 2)), **hooks)
        calls.clear()
        if explicit:
            f = lift(nnx.transform_metadata(body, partition="lanes", **axes), **axes)
        else:
            f = lift(body, transform_metadata={nnx.PARTITION_NAME: "lanes"}, **axes)
        f(variable, jnp.arange(2))
    about = (made.__name__, (2, 2))
    ended = sorted([("added", *about, axis, "lanes")] * count + [("added", *about, out, "lanes")] * count)
    yield Eq(calls[: count + 1], [("removed", *about, axis, "lanes")] * count + ["body"], "before the function")
    yield Eq(sorted(calls[count + 1 :]), ended, "after it")


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


LAWS: tuple[Law, ...] = (axis_metadata, axis_hooks, metadata_propagates)
