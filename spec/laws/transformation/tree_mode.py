"""Laws of transforms in tree mode: Modules are plain pytrees, and only values and metadata of Variables come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...apart import apart
from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION
from .functions import one_device
from .prefixes import AXES, by_lane, fill

ONCE = ("jit", "remat", "vmap", "pmap", "shard_map", "cond", "switch", "checkify", "eval_shape", "grad", "jvp", "vjp")
"""Transforms whose body runs once and returns what it likes; of grad, the auxiliary output."""
LOOPS = ("scan", "while_loop", "fori_loop")
"""Transforms that carry their arguments."""
TRANSFORMS = (*ONCE, "custom_vjp", *LOOPS)
DECORATORS = ("jit", "remat", "vmap", "pmap", "shard_map", "grad", "custom_vjp", "scan")
"""Transforms that are decorators as well."""
SAID = ("context", "argument", "decorator")
"""What says in which mode a call is; to transforms that are no decorators the last is the same as the one before."""


def in_tree_mode(nnx: Any, action: Callable[[], Any], *, graphs: bool = False) -> Any:
    """What an action gives in tree mode, or with graphs but without updates of them, if the backend has that mode."""
    mode = getattr(nnx, "set_graph_updates", None) if graphs else None

    def run() -> Any:
        with (mode or nnx.set_graph_mode)(False):
            return action()

    return apart(run)


def call(nnx: Any, transform: str, f: Callable[..., Any], *args: Any, decorator: bool = False, **mode: bool) -> Any:
    """Calls `f(*args)`, once, under a transform; arrays of the arguments are floats with a first axis of size 1.

    The transform is given the mode, as a decorator where it may be one.
    """
    whole: Any = jax.sharding.PartitionSpec()  # type: ignore[no-untyped-call]  # jax does not say
    one = jnp.float32(1)

    def with_aux(x: Any, *args: Any) -> Any:
        return x, f(*args)

    def number(*args: Any) -> Any:
        f(*args)
        return one * 2

    def lifted(lift: Callable[..., Any], f: Callable[..., Any], **options: Any) -> Any:
        return lift(**options, **mode)(f) if decorator else lift(f, **options, **mode)

    match transform:
        case "jit" | "remat" | "vmap" | "pmap":
            return lifted({"jit": nnx.jit, "remat": nnx.remat, "vmap": nnx.vmap, "pmap": nnx.pmap}[transform], f)(*args)
        case "shard_map":
            specs = {"in_specs": (whole,) * len(args), "out_specs": whole}
            return lifted(nnx.shard_map, f, mesh=one_device(), **specs)(*args)
        case "cond":
            return nnx.cond(jnp.array(True), f, f, *args, **mode)
        case "switch":
            return nnx.switch(jnp.int32(1), (f, f), *args, **mode)
        case "checkify":
            return nnx.checkify(f, **mode)(*args)[1]
        case "eval_shape":
            return nnx.eval_shape(f, *args, **mode)
        case "grad":
            return lifted(nnx.grad, with_aux, has_aux=True)(one, *args)[1]
        case "jvp":
            return nnx.jvp(f, args, args, **mode)[0]
        case "vjp":
            return nnx.vjp(f, *args, **mode)[0]
        case "custom_vjp":
            ruled = lifted(nnx.custom_vjp, number)
            ruled.defvjp(lambda *args: (number(*args), None), lambda residual, g: None)
            return ruled(*args)
        case "scan":
            turn = lambda c: (c, number(*c))  # noqa: E731  # of one line
            return lifted(nnx.scan, turn, in_axes=(nnx.Carry,), out_axes=(nnx.Carry, 0), length=1)(args)[0]
        case "while_loop":
            body = lambda c: (number(*c[0]), (c[0], c[1] + 1))[1]  # noqa: E731  # of one line
            return nnx.while_loop(lambda c: c[1] < 1, body, (args, 0), **mode)[0]
        case _:
            return nnx.fori_loop(0, 1, lambda i, c: (number(*c), c)[1], args, **mode)


def call_in_tree_mode(
    nnx: Any, transform: str, said: str, f: Callable[..., Any], *args: Any, graphs: bool = False
) -> Any:
    """What `call` gives in tree mode, or with graphs but without updates of them; a context around the call says so,
    or an argument of the transform, as a decorator or not.
    """
    if said == "context":
        return in_tree_mode(nnx, lambda: call(nnx, transform, f, *args), graphs=graphs)
    mode = {"graph_updates" if graphs and hasattr(nnx, "set_graph_updates") else "graph": False}
    return apart(lambda: call(nnx, transform, f, *args, decorator=said == "decorator", **mode))


def ways(transform: str) -> tuple[str, ...]:
    """What may say in which mode a call of a transform is."""
    return SAID if transform in DECORATORS else SAID[:2]


def tree(nnx: Any, holder: Any, make: Any) -> list[Any]:
    """Fills an empty node with a fresh tree and more; its Variables, which hold float arrays with a first axis of 1."""
    holder.m = make()
    holder.v = nnx.Param(0)
    holder.k = 1
    holder.list = nnx.data([nnx.Param(0)])
    return fill(nnx, holder, (1, 2))


def total(*args: Any) -> Any:
    """A float scalar of all arrays."""
    return sum(jnp.sum(x) for x in jax.tree.leaves(args))


@law(
    "transform.tree-duplicates-rejected",
    term=TRANSFORMATION,
    uses=("tree-mode", "annotations", "transform.jit", "transform.vmap", "mutation"),
    tags=("tree",),
)
def tree_duplicates_rejected(nnx: Any, make: Any, transform: str, pick: int, how: str, said: str) -> Claims:
    """In tree mode, in force or asked for with `graph=False`, inputs that contain the same Variable twice, within an
    argument or across two, are refused with ValueError by every transform.
    """

    Holder = module_class(nnx, "Holder")

    holder = Holder()
    variables = tree(nnx, holder, make)
    variable = variables[pick % len(variables)]
    other: Any = nnx.Param(jnp.ones((1, 2)))
    if how == "attribute":
        holder.again = variable
    elif how == "container":
        holder.again = nnx.data([variable])
    elif how == "argument":
        other = variable
    else:
        other = [variable]

    def run(said: str) -> Any:
        return call_in_tree_mode(nnx, transform, said, total, holder, other)

    for way in ways(transform):
        about = f"{transform}, the same Variable as {how}, {way}"
        yield Refused(ValueError, lambda way=way: run(way), (holder, other), about)  # type: ignore[misc]  # bound now
    if how in ("attribute", "container"):
        del holder.again
    other = nnx.Param(jnp.ones((1, 2)))
    before = observe(nnx, (holder, other))
    yield Eq(attempt(lambda: run(said)).error is None, True, f"{transform}: the next call, without the duplicate")
    yield Eq((holder, other), before, "what was only read")


def restructure(nnx: Any, holder: Any, edits: Any) -> None:
    """Changes other than to values and metadata of Variables, as (kind, number)."""
    for kind, number in edits:
        match kind:
            case "add":
                setattr(holder, f"new{number % 2}", nnx.Param(jnp.full((1, 2), number, "float32")))
            case "delete":
                if hasattr(holder, "v"):
                    del holder.v
            case "replace":
                holder.v = nnx.Param(jnp.full((1, 2), number, "float32"))
            case "static":
                holder.k = number + 2
            case "array":
                holder.array = jnp.full((1, 2), number, "float32")
            case "append":
                holder.list.append(nnx.Param(jnp.full((1, 2), number, "float32")))
            case _:
                holder.m = nnx.Param(jnp.full((1, 2), number, "float32"))


@law(
    "transform.tree-structure-changes",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("tree-mode", "annotations", "transform.jit", "transform.vmap", "mutation"),
    tags=("tree",),
)
def tree_structure_changes(nnx: Any, make: Any, transform: str, edits: Any) -> Claims:
    """In tree mode a change other than to values and metadata of input Variables (attributes, statics, raw arrays,
    replaced Variables, growing containers) is either visible outside or refused; it is not lost in silence.
    """

    Holder = module_class(nnx, "Holder")

    holder, expected = Holder(), Holder()
    tree(nnx, holder, make)
    tree(nnx, expected, make)
    restructure(nnx, expected, edits)

    def body(holder: Any) -> Any:
        restructure(nnx, holder, edits)
        return jnp.zeros(())

    def run() -> Any:
        in_tree_mode(nnx, lambda: call(nnx, transform, body, holder))
        return holder

    before = observe(nnx, holder)
    came = attempt(run)
    unchanged = ((before, observe(nnx, holder)),)
    yield EqOrRefused(came, expected, Exception, unchanged, f"{transform}: visible outside, or refused")


@law(
    "transform.tree-returned-inputs",
    term=TRANSFORMATION,
    uses=("tree-mode", "annotations", "transform.jit", "transform.vmap", "metadata", "mutation"),
    tags=("tree",),
)
def tree_returned_inputs(nnx: Any, make: Any, transform: str, pick: int, how: str, graphs: bool, said: str) -> Claims:
    """In tree mode, or with graphs but without updates of them, returning a Variable of the input or a captured one, or
    anything that contains one, is refused with ValueError; as carry of a loop it comes back as a new node with the
    updated Variables, and the input is updated as well.

    The mode is in force, or asked for with `graph=False` or `graph_updates=False`, in a call or a decorator.
    """

    Other = module_class(nnx, "Other")
    Holder = module_class(nnx, "Holder")

    holder, expected = Holder(), Holder()
    variables = tree(nnx, holder, make)
    tree(nnx, expected, make)
    path = next(p for p, leaf in leaves(nnx, holder).items() if leaf is variables[pick % len(variables)])
    captured = nnx.Param(jnp.ones((1, 2)))

    def grow(holder: Any) -> None:
        variable = leaves(nnx, holder)[path]
        variable.set_value(variable.get_value() + 1)
        if transform not in LOOPS:  # which may refuse it
            holder.v.set_metadata(note="seen")

    def body(holder: Any) -> Any:
        grow(holder)
        variable = leaves(nnx, holder)[path]
        if how == "new node":
            new = Other()
            new.w = variable
            return new
        if how == "captured" and transform != "eval_shape":  # whose results are not the real ones
            return captured
        return {"input": holder, "variable": variable, "container": [variable]}.get(how, variable)

    def harmless(holder: Any) -> Any:
        grow(holder)
        return jnp.sum(leaves(nnx, holder)[path].get_value())

    grow(expected)
    if transform in LOOPS:
        came = call_in_tree_mode(nnx, transform, said, harmless, holder, graphs=graphs)[0]
        yield Eq(came, expected, f"{transform}: the carry")
        yield Eq(holder, expected, f"{transform}: the input")
        yield Eq(came is holder, False, f"{transform}: a new node")
        same = [a is b for a, b in zip(leaves(nnx, came).values(), leaves(nnx, holder).values(), strict=True)]
        yield Eq(same, [True] * len(same), f"{transform}: with the Variables of the input")
    else:

        def run(f: Callable[..., Any], said: str) -> Any:
            return call_in_tree_mode(nnx, transform, said, f, holder, graphs=graphs)

        for way in ways(transform):
            about = f"{transform}, {how} returned, {way}"
            yield Refused(ValueError, lambda way=way: run(body, way), (holder,), about)  # type: ignore[misc]  # bound now
        before = observe(nnx, holder)
        run(harmless, said)
        after = before if transform == "eval_shape" else observe(nnx, expected)
        yield Eq(holder, after, f"{transform}: the next call, which returns none of them")


@law(
    "transform.tree-prefixes",
    term=TRANSFORMATION,
    uses=(
        "tree-mode",
        "annotations",
        "transform.vmap",
        "transform.scan",
        "transform.jit",
        "transform.grad",
        "transform.state-axes",
        "transform.state-sharding",
        "transform.diff-state",
        "mutation",
    ),
    tags=("tree",),
)
def tree_prefixes(nnx: Any, make: Any, transform: str, axes: Any, nested: bool) -> Claims:
    """In tree mode StateAxes, DiffState and StateSharding are refused with ValueError; the prefix is a Module-shaped
    tree with an axis in the place of each Variable, and a Variable as prefix is refused with ValueError.
    """

    Holder = module_class(nnx, "Holder")

    holder = Holder()
    tree(nnx, holder, make)
    fill(nnx, holder, (2, 2, 2))
    before = observe(nnx, holder)
    lanes = jnp.arange(2)

    def body(holder: Any, i: Any) -> Any:
        return [leaf.get_value() for leaf in leaves(nnx, holder).values()]

    def loss(holder: Any) -> Any:
        return total(holder)

    def mapped(prefix: Any) -> Any:
        lift = nnx.vmap if transform == "vmap" else nnx.scan
        return in_tree_mode(nnx, lambda: lift(body, in_axes=(prefix, 0), out_axes=0)(holder, lanes))

    if transform == "grad":
        refused = lambda: nnx.grad(loss, argnums=nnx.DiffState(0, nnx.Param))(holder)  # noqa: E731  # one line
        yield Refused(ValueError, lambda: in_tree_mode(nnx, refused), (holder,), "DiffState")
    elif transform == "jit":
        sharding = jax.sharding.NamedSharding(one_device(), jax.sharding.PartitionSpec())  # type: ignore[no-untyped-call]
        prefix = nnx.StateSharding({...: sharding})
        refused = lambda: nnx.jit(loss, in_shardings=(prefix,))(holder)  # noqa: E731  # one line
        yield Refused(ValueError, lambda: in_tree_mode(nnx, refused), (holder,), "StateSharding")
    else:
        yield Refused(ValueError, lambda: mapped(nnx.StateAxes({...: 0})), (holder,), f"{transform}: StateAxes")
        numbers = iter([AXES[n] for _ in range(len(before.entries)) for n in axes])
        found = {path: next(numbers) for path in leaves(nnx, holder)}
        axis_of = {id(leaf): found[path] for path, leaf in leaves(nnx, holder).items()}
        prefix = jax.tree.map(lambda v: axis_of[id(v)], holder, is_leaf=lambda v: is_variable(nnx, v))
        came = [np.asarray(x) for x in mapped(prefix)]
        expected = [by_lane(leaf.get_value(), found[path], 2) for path, leaf in leaves(nnx, holder).items()]
        yield Eq(came, expected, f"{transform}: a Module-shaped tree of axes")
        bad = jax.tree.map(lambda v: nnx.Param(0), holder, is_leaf=lambda v: is_variable(nnx, v))
        bad = bad if nested else nnx.Param(0)
        yield Refused(ValueError, lambda: mapped(bad), (holder,), f"{transform}: a Variable as prefix")
    yield Eq(in_tree_mode(nnx, lambda: nnx.jit(loss)(holder)), loss(holder), "the next call")
    yield Eq(holder, before, "the tree, which was only read")


LAWS: tuple[Law, ...] = (
    tree_duplicates_rejected,
    tree_structure_changes,
    tree_returned_inputs,
    tree_prefixes,
)
