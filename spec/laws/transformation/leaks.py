"""The law of tracers: none is left in anything that the caller can reach."""

from __future__ import annotations

import gc
import types
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Outcome, attempt
from ...classes import module_class
from ...law import Law, law
from ...observation import leaves
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .functions import lifted

CLOSED = (type, types.ModuleType, types.CodeType, types.FrameType, np.ndarray, str, bytes, int, float, complex)
"""What a search for tracers does not enter: it holds none, or it is not of the caller."""


def tracers(root: Any, limit: int = 50_000) -> list[str]:
    """What tracers can be reached from `root`, by the types of the objects on the way; at most `limit` are entered.

    The way leads through attributes, slots, containers and closures, and not into modules, classes and globals.
    """
    found: list[str] = []
    seen: dict[int, Any] = {}
    stack: list[tuple[Any, tuple[Any, ...]]] = [(root, ())]
    while stack and len(seen) < limit:
        value, way = stack.pop()
        if id(value) in seen or isinstance(value, CLOSED):
            continue
        seen[id(value)] = value
        way = (way, type(value).__name__)
        if isinstance(value, jax.core.Tracer):
            found.append(written(way))
        elif isinstance(value, types.FunctionType):
            stack += [(x, way) for x in (value.__closure__, value.__defaults__, value.__kwdefaults__)]
        elif not isinstance(value, jax.Array):
            stack += [(x, way) for x in gc.get_referents(value)]
    return found


def written(way: tuple[Any, ...]) -> str:
    """The types on a way, as text."""
    names: list[str] = []
    while way:
        way, name = way
        names.append(name)
    return " > ".join(reversed(names))


EFFECTS = (
    "value",
    "write-all",
    "metadata",
    "attribute",
    "array",
    "item",
    "delete",
    "replace",
    "share",
    "new-node",
    "captured-value",
    "captured-index",
    "captured-metadata",
    "captured-attribute",
    "captured-item",
    "captured-array",
    "captured-update",
    "return-captured",
    "raise",
)
"""What the function of the law may do, one after the other."""


def act(nnx: Any, effect: str, m: Any, w: Any, captured: Any) -> None:
    """Does one thing to the arguments, or tries it on a captured object, with a value that may be a tracer."""
    x = jnp.sum(w.kernel[...]) + 1
    if effect == "value":
        w.kernel[...] = w.kernel[...] + x
    elif effect == "write-all":
        for leaf in leaves(nnx, m).values():
            if is_variable(nnx, leaf) and getattr(leaf.get_value(), "dtype", None) == jnp.float32:
                leaf.set_value(leaf.get_value() * x)
    elif effect == "metadata":
        w.kernel.set_metadata(note="n")
    elif effect == "attribute":
        w.more = nnx.Param(x)
    elif effect == "array":
        w.array = w.array + x
    elif effect == "item":
        w.items.append(nnx.Param(x))
    elif effect == "delete":
        del w.other
    elif effect == "replace":
        w.kernel = nnx.Param(w.kernel[...] * x)
    elif effect == "share":
        w.items[0] = w.kernel
    elif effect == "new-node":
        w.inner = type(w)()
        w.inner.kernel = nnx.Param(x)
    elif effect == "captured-value":
        captured.kernel.set_value(x)
    elif effect == "captured-index":
        captured.kernel[...] = x
    elif effect == "captured-metadata":
        captured.kernel.set_metadata(note=x)
    elif effect == "captured-attribute":
        captured.more = nnx.Param(x)
    elif effect == "captured-item":
        captured.items.append(nnx.Param(x))
    elif effect == "captured-array":
        captured.array = x
    elif effect == "captured-update":
        nnx.update(captured, nnx.state(w))
    elif effect == "raise":
        raise RuntimeError("on purpose")


def ended(outcome: Outcome) -> tuple[Any, str]:
    """What a call returned, and how it ended."""
    return outcome.value, "raised" if outcome.error else "returned"


@law(
    "transform.no-tracer-leak",
    term=TRANSFORMATION,
    uses=("transform.jit", "containers", "mutation", "structural-mutation", "trace-guard", "update"),
)
def no_tracer_leak(nnx: Any, make: Any, stack: tuple[str, ...], effects: tuple[str, ...], caught: bool) -> Claims:
    """Whatever a transformed function does to its arguments or tries on captured objects, and however the call ends, no
    tracer can be reached afterwards from the arguments, the output, the captured objects or the transformed function.

    A tracer that outlives its trace fails much later, far from its cause. The search follows every reference (see
    `tracers`), so it sees also what a node or Variable hides from its user.
    """

    Weights = module_class(nnx, "Weights")

    def build() -> Any:
        w = Weights()
        w.kernel, w.other = nnx.Param(jnp.ones((1, 1))), nnx.Param(jnp.ones((1, 1)))
        w.array, w.items = jnp.ones((1, 1)), nnx.List([nnx.Param(jnp.ones((1, 1)))])
        return w

    m, w, captured = make(), build(), build()
    failed: list[str] = []

    def f(m: Any, w: Any) -> Any:
        for effect in effects:
            try:
                act(nnx, effect, m, w, captured)
            except Exception as error:
                if not caught or effect == "raise":
                    raise
                failed.append(type(error).__name__)
        return captured.kernel if "return-captured" in effects else jnp.sum(w.kernel[...] * captured.kernel[...])

    def under(transform: str, inner: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def body(m: Any, w: Any) -> Any:
            run(m, w)
            return jnp.sum(w.kernel[...])

        run = lifted(nnx, transform, inner)
        return body

    function: Callable[[Any, Any], Any] = f
    for transform in stack[:0:-1]:
        function = under(transform, function)
    run = lifted(nnx, stack[0], function)
    for number in range(2):
        # Only the value is kept: the traceback of an exception holds the frames of the trace.
        output, end = ended(attempt(lambda: run(m, w)))
        for name, value in (("m", m), ("w", w), ("captured", captured), ("the output", output), ("the function", run)):
            yield Eq(tracers(value), [], f"tracers in {name} after call {number}, which {end}")


LAWS: tuple[Law, ...] = (no_tracer_leak,)
"""The laws of this module."""
