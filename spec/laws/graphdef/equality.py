"""Laws of equality and hashes of GraphDefs: equal for isomorphic graphs, different for all others."""

from __future__ import annotations

import copy
import pickle
import zlib
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import leaves, nodes, observe
from ...observation.nodes import is_variable
from ...terms import GRAPHDEF


def same(left: Any, right: Any) -> tuple[bool, bool, bool]:
    """Whether two GraphDefs are equal, not unequal, and have equal hashes."""
    return (bool(left == right), not left != right, hash(left) == hash(right))


SAME = (True, True, True)


@law("graphdef.deterministic", term=GRAPHDEF, uses=("graphdef", "split"))
def deterministic(nnx: Any, make: Any, filters: Any) -> Claims:
    """Two calls on an unmodified graph give equal graphdefs with equal hashes, and `graphdef(m)`, `split(m)[0]` and
    `split(m, *filters)[0]` are equal."""
    m = make()
    graphdef = nnx.graphdef(m)
    yield Eq(same(nnx.graphdef(m), graphdef), SAME, "a second call")
    yield Eq(same(nnx.split(m)[0], graphdef), SAME, "split")
    yield Eq(same(nnx.split(m, *filters)[0], graphdef), SAME, "split with filters")
    yield Eq(same(nnx.graphdef(m), graphdef), SAME, "after splitting")


def holds_key(value: Any) -> bool:
    """Whether a value is a typed key or a Variable of one; such arrays cannot be pickled."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)


@law("graphdef.iso-invariant", term=GRAPHDEF, uses=("graphdef", "split", "merge", "clone", "metadata"))
def iso_invariant(nnx: Any, make: Any, names: tuple[str, ...], order: tuple[int, ...]) -> Claims:
    """Isomorphic graphs have equal graphdefs with equal hashes, in particular clones, merged, deep-copied and pickled
    copies, and graphs whose attributes and metadata were inserted in another order.

    Graphs that hold typed keys are not pickled: jax cannot.
    """
    m = make()
    graphdef = nnx.graphdef(m)
    yield Eq(same(nnx.graphdef(make()), graphdef), SAME, "built anew")
    yield Eq(same(nnx.graphdef(nnx.clone(m)), graphdef), SAME, "cloned")
    yield Eq(same(nnx.graphdef(nnx.merge(*nnx.split(m))), graphdef), SAME, "merged")
    if nnx.offers("pickling"):
        yield Eq(same(nnx.graphdef(copy.deepcopy(m)), graphdef), SAME, "deep-copied")
    if nnx.offers("pickling") and not any(holds_key(leaf) for leaf in leaves(nnx, m).values()):
        yield Eq(same(nnx.graphdef(pickle.loads(pickle.dumps(m))), graphdef), SAME, "pickled and restored")

    Block = module_class(nnx, "Block")

    def build(places: Any) -> Any:
        block = Block()
        for i in places:
            metadata = {names[j]: j for j in places if names[j].isidentifier()}
            value = (nnx.Param(jnp.array(i), **metadata), i, nnx.List([i, jnp.array(i)]), nnx.data(i))[i % 4]
            setattr(block, names[i], value)
        return block

    shuffled = sorted(range(len(names)), key=lambda i: order[i])
    yield Eq(
        same(nnx.graphdef(build(shuffled)), nnx.graphdef(build(range(len(names))))), SAME, "other order of insertion"
    )


DIFFERENCES = (
    "node-type",
    "container-node",
    "name",
    "static-name",
    "static",
    "container",
    "sharing",
    "sharing-in-containers",
    "cycle",
    "variable-type",
    "metadata",
    "leaves",
    "status",
    "missing",
    "alias",
)


def probe(nnx: Any, block: Any, kind: str, side: int, make: Any, which: int) -> tuple[Any, Any]:
    """A graph and something to be attached to it, which differs between sides 0 and 1 in exactly one respect.

    Args:
        nnx: the backend.
        block: a class of plain Modules.
        kind: the respect.
        side: 0 or 1.
        make: builds the graph.
        which: chooses among the ways to differ in this respect.
    """
    m, other = make(), make()
    x = jnp.array([1.0, 2.0])
    thing: Any = block()
    twin = nnx.Param(x)
    match kind:
        case "node-type":
            thing = (block, nnx.Module)[side]()
        case "container-node":
            thing = (nnx.List([]), nnx.Dict({}), nnx.Module())[(side + which) % 3]
        case "name":
            setattr(thing, ("p", "q")[side], x)
        case "static-name":
            setattr(thing, ("p", "q")[side], "s")
        case "static":
            pairs: tuple[tuple[Any, Any], ...] = (
                (1, 2),
                ("s", "t"),
                (None, "None"),
                (len, abs),
                ((1, 2), (2, 1)),
                (int, str),
                (frozenset({1, 2}), frozenset({1, 3})),
                ((frozenset({1}),), (frozenset({2}),)),
            )
            if nnx.offers("unhashable-statics"):
                pairs += (([1, 2], [2, 1]), ({"k": 1}, {"k": 2}), ({1, 2}, {1, 3}), (("a", [1]), ("a", [2])))
            thing.p = pairs[which % len(pairs)][side]
        case "container":
            content = ([x, 1], (x, 1), {0: x, 1: 1})
            thing.p = nnx.data(content[(side + which) % 3])
        case "sharing":
            thing.p, thing.q = twin, (twin, nnx.Param(x))[side]
        case "sharing-in-containers":
            thing.p = nnx.List([twin, (twin, nnx.Param(x))[side]])
        case "cycle":
            inner = block()
            thing.p, inner.p = inner, (inner, thing)[side]
        case "variable-type":
            types = (nnx.Param, nnx.Variable, nnx.BatchStat)
            thing.p = types[(side + which) % 3](x)
        case "metadata":
            choices: tuple[dict[str, Any], ...] = ({}, {"note": 1}, {"note": 2}, {"other": 1}, {"note": None})
            thing.p = nnx.Param(x, **choices[(side + which) % 5])
        case "leaves":
            thing.p = nnx.data([x] * (which % 3 + side))
        case "status":
            value = (1, "s", None, (1, 2))[which % 4]
            thing.p = nnx.static(value) if side else nnx.data(value)
        case "missing":
            if side:
                thing.p = None
        case _:
            # An alias: on side 0 an object of the graph itself, on side 1 an equal one of an equal graph.
            objects = [
                [*nodes(nnx, g).values(), *(v for v in leaves(nnx, g).values() if is_variable(nnx, v))]
                for g in (m, other)
            ]
            thing = objects[side][which % len(objects[side])]
    return m, thing


def attach(nnx: Any, m: Any, where: int, thing: Any) -> Any:
    """Attaches something to one node of a graph, under a new name, and gives the graph."""
    found = list(nodes(nnx, m).values())
    node = found[where % len(found)]
    if nnx.offers("containers") and isinstance(node, nnx.List):
        node.append(thing)
    elif nnx.offers("containers") and isinstance(node, nnx.Dict):
        node["probe"] = thing
    else:
        node.probe = thing
    return m


@law(
    "graphdef.discriminates",
    term=GRAPHDEF,
    uses=("graphdef", "sharing", "cycles", "containers", "metadata", "value-leaves"),
)
def discriminates(nnx: Any, make: Any, where: int, which: int) -> Claims:
    """Graphdefs differ when node types, attribute names, a static value, container types, sharing, cycles, Variable
    types, Variable metadata, the number of leaves or the data/static status of an attribute differ.

    Two equal graphs each get something attached to the same node; the two differ in exactly one respect, each in turn.
    """

    Block = module_class(nnx, "Block")

    for kind in DIFFERENCES:
        graphdefs = []
        for side in (0, 0, 1):
            m, thing = probe(nnx, Block, kind, side, make, which)
            graphdefs.append(nnx.graphdef(attach(nnx, m, where, thing)))
        yield Eq(graphdefs[0] == graphdefs[1], True, f"the same {kind}")
        yield Eq(graphdefs[0] == graphdefs[2], False, f"another {kind}")
        yield Eq(graphdefs[0] != graphdefs[2], True, f"another {kind}, by !=")


@law("graphdef.static-type-aware", term=GRAPHDEF, level=SHOULD, uses=("graphdef", "split", "merge", "metadata"))
def static_type_aware(nnx: Any, pair: tuple[Any, Any], place: str) -> Claims:
    """GraphDefs are equal only if static values are equal in value and in type (incl. the sign of zero), so that a
    jitted function never returns the result traced for another static value.

    Python's own `==` holds between 1, True and 1.0 and between 0.0 and -0.0; code that branches on them, or divides by
    them, does not take one for the other.
    """

    Block = module_class(nnx, "Block")

    def build(value: Any) -> Any:
        m = Block()
        m.a = ("k", value) if place == "nested" else value if place == "attribute" else None
        m.w = nnx.Param(jnp.array(1.0), **({"note": value} if place == "metadata" else {}))
        return m

    def read(m: Any) -> Any:
        return nnx.metadata(m.w)["note"] if place == "metadata" else m.a

    left, right = pair
    hashable = attempt(lambda: hash(pair)).error is None
    if not hashable and not nnx.offers("unhashable-statics"):
        return
    equal = observe(nnx, left) == observe(nnx, right)
    told = "equality of the graphdefs" + ("" if attempt(lambda: left == right).value else ", which Python tells apart")
    yield Eq(nnx.graphdef(build(left)) == nnx.graphdef(build(right)), equal, told)
    if not hashable:
        return
    if equal:
        yield Eq(hash(nnx.graphdef(build(left))) == hash(nnx.graphdef(build(right))), True, "their hashes")
    elif attempt(lambda: left == right).value is True:

        def text(graphdef: Any, state: Any) -> Any:
            return jnp.uint32(zlib.crc32(repr(read(nnx.merge(graphdef, state))).encode()))

        jitted = jax.jit(text, static_argnums=0)
        for value in (left, right):
            graphdef, state = nnx.split(build(value))
            yield Eq(jitted(graphdef, state), text(graphdef, state), f"jitted, with {value!r}")


@law("graphdef.hashable", term=GRAPHDEF, uses=("graphdef", "unhashable-statics", "metadata"))
def hashable(nnx: Any, make: Any, where: int, value: Any, metadata: Any) -> Claims:
    """`hash(graphdef)` succeeds if all statics and metadata are hashable, equal graphdefs have equal hashes, and
    otherwise `hash` raises TypeError (whether transforms accept such a graph is free)."""

    Block = module_class(nnx, "Block")

    def build() -> Any:
        block = Block()
        block.a = value
        block.w = nnx.Param(jnp.array(1), **metadata)
        return nnx.graphdef(attach(nnx, make(), where, block))

    graphdef = build()
    yield Eq(graphdef == build(), True, "equal graphdefs")
    if attempt(lambda: hash((value, tuple(metadata.values())))).error is None:
        yield Eq(hash(graphdef), hash(build()), "equal hashes")
        yield Eq({graphdef: 1}.get(build()), 1, "a key of a dict")
    else:
        yield Refused(TypeError, partial(hash, graphdef), about="something unhashable inside")


LAWS: tuple[Law, ...] = (deterministic, iso_invariant, discriminates, static_type_aware, hashable)
