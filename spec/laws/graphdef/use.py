"""Laws of GraphDefs in use: in jit, pickled, inside transforms, in the tree mode."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...terms import GRAPHDEF
from .equality import SAME, same


@law("graphdef.jit-argument", term=GRAPHDEF, uses=("split", "merge"))
def jit_argument(nnx: Any, make: Any) -> Claims:
    """A GraphDef is usable as static argument of `jax.jit`, as pytree argument and as dict key with the same result,
    equal graphdefs hit the cache and different ones retrace."""

    Root = module_class(nnx, "Root")

    def build(label: str) -> Any:
        root = Root()
        root.label, root.inner, root.w = label, make(), nnx.Param(jnp.array(2))
        return root

    traces: list[str] = []

    def f(graphdef: Any, state: Any) -> Any:
        m = nnx.merge(graphdef, state)
        traces.append(m.label)
        return m.w.get_value() * len(m.label)

    inputs = [nnx.split(build(label)) for label in ("a", "a", "bb", "a")]
    table = {graphdef: f(graphdef, state) for graphdef, state in inputs}
    yield Eq(len(table), 2, "as key of a dict")
    for about, jitted in (("static", jax.jit(f, static_argnums=0)), ("pytree", jax.jit(f))):
        traces.clear()
        for graphdef, state in inputs:
            yield Eq(int(jitted(graphdef, state)), int(table[graphdef]), f"as {about} argument")
        yield Eq(traces, ["a", "bb"], f"traces with a {about} argument")


@law("graphdef.pickle", term=GRAPHDEF, level=SHOULD, uses=("split", "merge"))
def pickled(nnx: Any, make: Any) -> Claims:
    """A pickled and restored GraphDef equals the original with equal hash when its types are importable."""
    graphdef, state = nnx.split(make())
    restored = pickle.loads(pickle.dumps(graphdef))
    yield Eq(same(restored, graphdef), SAME, "restored")
    yield Eq(nnx.merge(restored, state), make(), "merged with the restored one")


@law(
    "graphdef.stable-in-transforms",
    term=GRAPHDEF,
    level=SHOULD,
    uses=("graphdef", "split", "merge"),
    reason="The transforms are those of jax, over a split state.",
)
def stable_in_transforms(nnx: Any, make: Any, transform: str) -> Claims:
    """`graphdef(m)` taken inside jit, grad, vmap or scan equals `graphdef(m)` taken outside, up to internal indices."""
    m = make()
    graphdef, state = nnx.split(m)
    seen: list[Any] = []

    def f(state: Any) -> Any:
        merged = nnx.merge(graphdef, state)
        seen.extend((nnx.graphdef(merged), nnx.split(merged)[0]))
        return 0.0

    def body(carry: Any, _: Any) -> Any:
        f(carry)
        return carry, None

    if transform == "jit":
        jax.jit(f)(state)
    elif transform == "eval-shape":
        jax.eval_shape(f, state)
    elif transform == "grad":
        jax.grad(f, allow_int=True)(state)
    elif transform == "vmap":
        jax.vmap(f, axis_size=2)(jax.tree.map(lambda x: jnp.stack([x, x]), state))
    else:
        jax.eval_shape(partial(jax.lax.scan, body, length=2), state)
    yield Eq(len(seen) > 1, True, "traced")
    for came in seen:
        yield Eq(same(came, graphdef), SAME, f"inside {transform}")
    yield Eq(same(nnx.graphdef(m), graphdef), SAME, "afterwards")


@law(
    "graphdef.tree-mode-distinct",
    term=GRAPHDEF,
    level=SHOULD,
    uses=("tree-mode", "state", "split", "merge"),
    tags=("tree",),
)
def tree_mode_distinct(nnx: Any, make: Any) -> Claims:
    """The tree-mode and the graph-mode graphdef of a tree-shaped Module are not equal, but merge of either reproduces
    the Module and both states have the same paths and leaves."""
    m = make()
    graphdef, state = nnx.split(m, graph=True)
    treedef, leaves = nnx.split(m, graph=False)
    yield Eq(graphdef == treedef, False, "the graphdefs")
    yield Eq(dict(nnx.to_flat_state(leaves)), dict(nnx.to_flat_state(state)), "the states")
    yield Eq(nnx.merge(graphdef, state), make(), "merged in the graph mode")
    yield Eq(nnx.merge(treedef, leaves), make(), "merged in the tree mode")


LAWS: tuple[Law, ...] = (jit_argument, pickled, stable_in_transforms, tree_mode_distinct)
