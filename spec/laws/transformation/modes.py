"""Laws of transforms in several modes, one after the other."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...apart import apart
from ...claims import Claims, Eq
from ...classes import module_class
from ...law import Law, law
from ...terms import TRANSFORMATION
from .tree_mode import call, in_tree_mode

MODES = ("tree", "graphs", "updates")
"""Modes of a call: without graphs, with them but without updates of them, and with both."""
DIRECT = ("jit", "remat", "vmap", "cond", "switch", "checkify", "while_loop", "fori_loop")
"""Transforms that are given a function as it is in each call here, and so might keep something with it."""


@law(
    "transform.mode-of-each-call",
    term=TRANSFORMATION,
    uses=("tree-mode", "annotations", "sharing", "transform.jit", "transform.vmap", "mutation"),
    tags=("tree",),
)
def mode_of_each_call(nnx: Any, transform: str, modes: tuple[str, ...], said: str) -> Claims:
    """A function that a transform was given in one mode, in force or asked for with `graph` and `graph_updates`, means
    in another what it means there: with graphs a Variable may be shared, and is afterwards, whatever was called before.
    """

    Holder = module_class(nnx, "Holder")

    def build(mode: str) -> Any:
        holder = Holder()
        holder.a, holder.b = nnx.Param(jnp.ones((1, 2))), nnx.Param(jnp.ones((1, 2)))
        if mode != "tree":
            holder.b = holder.a
        return holder

    def work(holder: Any) -> Any:
        holder.a.set_value(holder.a.get_value() * 3)
        holder.b.set_value(holder.b.get_value() + 1)
        return jnp.sum(holder.a.get_value() * holder.b.get_value())

    def going(carry: Any) -> Any:
        return carry[1] < 1

    def once(carry: Any) -> Any:
        return carry[0], carry[1] + work(carry[0])

    def turn(i: Any, carry: Any) -> Any:
        return once(carry)

    def run(holder: Any, **asked: bool) -> Any:
        if transform == "while_loop":
            return nnx.while_loop(going, once, (holder, jnp.float32(0)), **asked)[1]
        if transform == "fori_loop":
            return nnx.fori_loop(0, 1, turn, (holder, jnp.float32(0)), **asked)[1]
        return jnp.sum(call(nnx, transform, work, holder, decorator=said == "decorator", **asked))

    for number, mode in enumerate(modes):
        holder, expected = build(mode), build(mode)
        asked = {} if said == "context" else {"graph": mode != "tree", "graph_updates": mode == "updates"}
        if asked or mode == "updates":
            came = apart(lambda: run(holder, **asked))  # noqa: B023  # called at once
        else:
            came = in_tree_mode(nnx, lambda: run(holder), graphs=mode == "graphs")  # noqa: B023  # called at once
        yield Eq((came, holder), (work(expected), expected), f"{transform}: call {number}, {mode}")


LAWS: tuple[Law, ...] = (mode_of_each_call,)
