"""Laws of the trace level: what a transformed function may do to objects that it was not given as arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...law import SHOULD, Law, law
from ...layers import eager, lifted
from ...observation import leaves, walk
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .every import nothing

_TRACE = ("trace-guard",)


def spare(nnx: Any) -> Any:
    """Something to pass instead."""
    return nnx.Variable(jnp.float32(0))


def run_captured(nnx: Any, layers: tuple[Any, ...], p: Any, captured: Any) -> Any:
    """Runs a program on captured objects under layers, with one Variable as argument."""
    return lifted(nnx, layers, _Plain(nnx, lambda i, *args: p.body(i, *captured)))(jnp.int32(0), spare(nnx))


@law("trace.variable-writes-rejected", term=TRANSFORMATION, uses=_TRACE)
def variable_writes_rejected(nnx: Any, case: Any) -> Claims:
    """Inside any transform, changing a Variable that was created outside and not passed as argument is refused with
    TraceContextError and leaves it unchanged, whatever the means: value, indexed or item assignment, metadata, drawing
    a key.

    Such a change would be lost, or would leave a tracer behind (documentation page "Transforms").
    """
    layers, p = case
    captured = p.make()
    changed = p.effects - {"returns-input"}
    if changed:
        yield Refused(
            "TraceContextError", lambda: run_captured(nnx, layers, p, captured), unchanged=(captured,), about="captured"
        )
    else:
        run_captured(nnx, layers, p, captured)
        yield Eq(captured, p.make(), "a program that changes nothing")
    lifted(nnx, layers, _Plain(nnx, nothing))(jnp.int32(0), spare(nnx))


@law("trace.structure-changes-rejected", term=TRANSFORMATION, uses=_TRACE)
def structure_changes_rejected(nnx: Any, case: Any) -> Claims:
    """Inside any transform, changing a node that was created outside and not passed as argument is refused with
    TraceContextError and leaves it unchanged, whatever the means: setting, replacing or deleting attributes and items,
    List and Dict operations, sow."""
    yield from variable_writes_rejected(nnx, case=case)


@law(
    "trace.update-and-pop-rejected",
    term=TRANSFORMATION,
    uses=(*_TRACE, "update", "pop"),
    reason="The clause of `trace.structure-changes-rejected` on the functions of the library.",
)
def update_and_pop_rejected(nnx: Any, layers: Any, make: Any, which: Any) -> Claims:
    """Inside any transform, `update` and `pop` on a node that was created outside and not passed as argument are
    refused with TraceContextError and leave it unchanged."""
    captured = make()
    found = [v for v in leaves(nnx, captured).values() if which == "update" or is_variable(nnx, v)]
    state = nnx.state(make())

    def body(i: Any, *args: Any) -> Any:
        if which == "update":
            nnx.update(captured, state)
        else:
            nnx.pop(captured, nnx.Variable)
        return ()

    def run() -> Any:
        return lifted(nnx, layers, _Plain(nnx, body))(jnp.int32(0), spare(nnx))

    if found:
        yield Refused("TraceContextError", run, unchanged=(captured,), about=which)
    else:
        run()
        yield Eq(captured, make(), "nothing to write or take")


@law(
    "trace.metadata-changes-rejected",
    term=TRANSFORMATION,
    uses=(*_TRACE, "metadata", "metadata.names"),
    reason="The clause of `trace.variable-writes-rejected` on every way to change metadata.",
)
def metadata_changes_rejected(nnx: Any, layers: Any, how: str) -> Claims:
    """Inside any transform, setting, replacing and deleting metadata of a Variable that was created outside and not
    passed as argument is refused with TraceContextError and leaves it unchanged."""
    captured = nnx.Param(jnp.arange(2.0), note=1)
    ways: dict[str, Callable[[], Any]] = {
        "by keyword": lambda: captured.set_metadata(note=2),
        "by name": lambda: captured.set_metadata("other", 2),
        "all": lambda: captured.set_metadata({"other": 2}),
        "delete": lambda: captured.del_metadata("note"),
    }

    def body(i: Any, *args: Any) -> Any:
        ways[how]()
        return ()

    def run() -> Any:
        return lifted(nnx, layers, _Plain(nnx, body))(jnp.int32(0), spare(nnx))

    yield Refused("TraceContextError", run, unchanged=(captured,), about=how)
    ways[how]()  # outside it is allowed
    lifted(nnx, layers, _Plain(nnx, nothing))(jnp.int32(0), spare(nnx))


class _Plain:
    """A program with one Variable as argument."""

    groups = (0,)
    nodes = (False,)
    effects: frozenset[str] = frozenset()

    def __init__(self, nnx: Any, body: Any) -> None:
        self.make = lambda: (spare(nnx),)
        self.body = body


@law("trace.reads-allowed", term=TRANSFORMATION)
def reads_allowed(nnx: Any, layers: Any, make: Any) -> Claims:
    """Captured objects may be read inside a transform: structure, values and metadata."""
    captured = make()
    seen: list[Any] = []

    def body(i: Any, *args: Any) -> Any:
        found = [v.get_value() if is_variable(nnx, v) else v for v in leaves(nnx, captured).values()]
        seen.append([(visit.path, visit.kind) for visit in walk(nnx, captured)])
        return tuple(x + 0 * i.astype(x.dtype) for x in found if getattr(x, "dtype", None) == jnp.float32)

    p = _Plain(nnx, body)
    out = lifted(nnx, layers, p)(jnp.int32(0), spare(nnx))
    expected = [(visit.path, visit.kind) for visit in walk(nnx, make())]
    for inside in seen:
        yield Eq(inside, expected, "structure")
    yield Eq(out, eager(nnx, layers, p)[2], "values")
    yield Eq(captured, make(), "nothing has changed")


@law(
    "trace.return-captured-rejected",
    term=TRANSFORMATION,
    uses=(
        "transform.returns-objects",
        "trace-guard",
    ),
    reason="What comes from another trace may as well be refused as every use of it is.",
)
def return_captured_rejected(nnx: Any, layers: Any, make: Any, pick: Any, wrapped: Any) -> Claims:
    """Returning a captured node or Variable from a transform is refused with ValueError or TraceContextError, at any
    depth of the output."""
    captured = make()
    found = [visit.value for visit in walk(nnx, captured) if visit.kind in ("node", "variable")]
    target = found[pick % len(found)]

    def body(i: Any, *args: Any) -> Any:
        if wrapped == 0:
            return target
        return ({"k": [i, target]},) if wrapped == 1 else nnx.Dict(a=target)

    run = lifted(nnx, layers, _Plain(nnx, body))
    refusals = (ValueError, "TraceContextError")
    yield Refused(refusals, lambda: run(jnp.int32(0), spare(nnx)), unchanged=(captured,), about="captured")
    lifted(nnx, layers, _Plain(nnx, nothing))(jnp.int32(0), spare(nnx))  # the next call works


@law("trace.leaked-objects", term=TRANSFORMATION, level=SHOULD, uses=_TRACE)
def leaked_objects(nnx: Any, layers: Any, p: Any) -> Claims:
    """Changing, outside, an object that was created inside a trace and leaked is refused with TraceContextError, or
    with jax's UnexpectedTracerError.

    The first says so at once; the second where a tracer is computed with.
    """
    leaked: list[Any] = []

    def body(i: Any, *args: Any) -> Any:
        leaked.append(p.make())
        return ()

    lifted(nnx, layers, _Plain(nnx, body))(jnp.int32(0), spare(nnx))
    refusals = ("TraceContextError", jax.errors.UnexpectedTracerError)
    for args in leaked:
        if p.effects - {"returns-input"}:
            yield Refused(refusals, functools.partial(p.body, jnp.int32(0), *args), about="leaked")
        else:
            yield Eq(len(args), len(p.make()), "a program that changes nothing")


LAWS: tuple[Law, ...] = (
    variable_writes_rejected,
    structure_changes_rejected,
    update_and_pop_rejected,
    metadata_changes_rejected,
    reads_allowed,
    return_captured_rejected,
    leaked_objects,
)
