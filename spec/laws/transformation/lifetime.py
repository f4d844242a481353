"""The law of what stays alive after a call: nothing that only the call needed."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import walk
from ...terms import TRANSFORMATION
from .functions import lifted


def watch(refs: dict[str, Any], name: str, value: Any) -> None:
    """Notes a weak reference, where there can be one."""
    try:
        refs[name] = weakref.ref(value)
    except TypeError:
        pass


@law("transform.lifetime", term=TRANSFORMATION, level=SHOULD, uses=("transform.arguments", "transform.jit", "mutation"))
def lifetime(nnx: Any, make: Any, plans: tuple[tuple[str, int, str, bool], ...]) -> Claims:
    """After the calls of a transformed function nothing keeps its arguments alive, and once it is gone itself, nothing
    keeps the user's function and what that captured: they are collected, also after a call that raised.

    A cache that holds graphs or functions fills the memory of whoever transforms in a loop. jax's own caches refer to
    functions weakly, but for that of pmap, where only the arguments are claimed; and its checkify keeps arrays of calls
    that raise, so arrays are claimed for the others. Cyclic garbage is collected once before looking.
    """

    Weights = module_class(nnx, "Weights")

    class Watched(nnx.Param):  # type: ignore[misc]  # see above
        __slots__ = () if hasattr(nnx.Param, "__weakref__") else ("__weakref__",)

    refs: dict[str, Any] = {}
    kept: list[Any] = []

    def experiment(transform: str, calls: int, ending: str, keep: bool) -> None:
        w, captured = Weights(), Weights()
        w.kernel, captured.kernel = Watched(jnp.ones((1, 1))), Watched(jnp.ones(()))

        def f(m: Any, w: Any) -> Any:
            if ending == "raise-first":
                raise RuntimeError("on purpose")
            w.kernel[...] = w.kernel[...] + captured.kernel[...]
            if ending == "write-captured":
                captured.kernel[...] = jnp.sum(w.kernel[...])
            if ending == "raise-last":
                raise RuntimeError("on purpose")
            return jnp.sum(w.kernel[...])

        run = lifted(nnx, transform, f)
        for number in range(calls):
            m = make()
            for visit in walk(nnx, m):
                if visit.kind in ("node", "variable"):
                    watch(refs, f"{transform}: {visit.kind} at {visit.path} of argument {number}", visit.value)
            attempt(lambda: run(m, w))  # noqa: B023  # called at once
        watched = {"w": w, "w.kernel": w.kernel}
        if ending == "return":
            watched["the value of w"] = w.kernel.get_value()
        if keep or transform == "pmap":
            kept.extend((run, f))
        else:
            watched |= {"function": f, "captured": captured, "captured.kernel": captured.kernel}
        for name, value in watched.items():
            watch(refs, f"{transform}: {name}", value)

    for plan in plans:
        experiment(*plan)
    gc.collect()
    yield Eq([name for name, ref in refs.items() if ref() is not None], [], "what is still alive")


LAWS: tuple[Law, ...] = (lifetime,)
"""The laws of this module."""
