"""Laws of `clone`: copies of a graph."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import leaves, nodes, observe, walk
from ...observation.nodes import is_variable
from ...terms import SPLIT_AND_MERGE
from .helpers import disturb, shared_objects


@law("clone.isomorphic-disjoint", term=SPLIT_AND_MERGE, uses=("clone", "mutation", "metadata"))
def isomorphic_disjoint(nnx: Any, make: Any, edits: Any, value: Any) -> Claims:
    """clone(m) is isomorphic to m, with no Variable or graph node in common, and changes through Variables or
    attributes on either side are invisible on the other.
    """
    m = make()
    copied = nnx.clone(m)
    yield Eq(copied, make(), "isomorphic")
    yield Eq(shared_objects(nnx, copied, m), [], "objects in common")
    disturb(nnx, copied, edits, value)
    yield Eq(m, make(), "the source after the clone was changed")
    copied = nnx.clone(m)
    disturb(nnx, m, edits, value)
    yield Eq(copied, make(), "the clone after the source was changed")


def mutable_parts(nnx: Any, root: Any) -> dict[str, Any]:
    """Every numpy array and builtin container in values, metadata and statics of a graph, by a name for the place."""
    found: dict[str, Any] = {}
    for visit in walk(nnx, root):
        if visit.kind == "container":
            stack = [(f"the container at {visit.path}", visit.value, False)]
        elif visit.kind == "variable":
            stack = [(f"the value at {visit.path}", visit.value.get_raw_value(), True)]
            stack += [(f"the metadata at {visit.path}", item, True) for item in nnx.metadata(visit.value).values()]
        elif visit.kind == "node":
            continue
        else:
            stack = [(f"the {visit.kind} at {visit.path}", visit.value, True)]
        while stack:
            name, value, enter = stack.pop()
            if isinstance(value, np.ndarray | list | dict | set):
                found[name] = value
            if enter and isinstance(value, list | tuple):
                stack.extend((f"{name}[{i}]", item, True) for i, item in enumerate(value))
            elif enter and isinstance(value, dict):
                stack.extend((f"{name}[{key!r}]", item, True) for key, item in value.items())
    return found


def shared_parts(nnx: Any, copied: Any, source: Any) -> list[str]:
    """Names of the mutable parts that a copy has in common with its source."""
    own = {id(value): value for value in mutable_parts(nnx, source).values()}
    return [name for name, value in mutable_parts(nnx, copied).items() if id(value) in own]


@jax.tree_util.register_pytree_node_class
class Labelled:
    """A registered pytree whose labels, a list, are no leaves."""

    def __init__(self, content: Any, labels: Any) -> None:
        self.content, self.labels = content, labels

    def tree_flatten(self) -> tuple[tuple[Any], Any]:
        return (self.content,), self.labels

    @classmethod
    def tree_unflatten(cls, labels: Any, children: tuple[Any]) -> Any:
        return cls(*children, labels)


@law("clone.deep", term=SPLIT_AND_MERGE, uses=("clone",))
def deep(nnx: Any, make: Any) -> Claims:
    """A clone shares no numpy array and no builtin container (list, dict, set) with its source, in values, metadata or
    statics; opaque objects may be shared.
    """
    m = make()
    yield Eq(shared_parts(nnx, nnx.clone(m), m), [], "shared with the source")
    if nnx.offers("annotations"):
        Holder = module_class(nnx, "Holder")

        holder = Holder()
        holder.labelled = nnx.data(Labelled(jnp.ones(2), ["a", ["b"]]))
        labels, copied = holder.labelled.labels, nnx.clone(holder).labelled.labels
        yield Eq((copied, copied is labels, copied[1] is labels[1]), (["a", ["b"]], False, False), "labels of a pytree")


@law(
    "clone.without-variables",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=(
        "clone.options",
        "clone",
    ),
)
def without_variables(nnx: Any, make: Any) -> Claims:
    """clone(m, variables=False) copies the nodes and shares the Variables; asking for copied arrays without copied
    Variables is refused with ValueError.
    """
    m = make()
    copied = nnx.clone(m, variables=False)
    yield Eq(copied, make(), "isomorphic")
    own = leaves(nnx, m)
    variables = [path for path, leaf in leaves(nnx, copied).items() if is_variable(nnx, leaf)]
    clones = leaves(nnx, copied)
    yield Eq([path for path in variables if clones[path] is not own.get(path)], [], "Variables that are not shared")
    old = {id(node): node for node in nodes(nnx, m).values()}
    yield Eq([path for path, node in nodes(nnx, copied).items() if id(node) in old], [], "nodes that are not copied")
    yield Refused(
        ValueError, lambda: nnx.clone(m, variables=False, arrays=True), unchanged=(m,), about="arrays without Variables"
    )


@law(
    "clone.arrays-bit-exact",
    term=SPLIT_AND_MERGE,
    level=SHOULD,
    uses=(
        "clone.options",
        "clone",
    ),
)
def arrays_bit_exact(nnx: Any, make: Any) -> Claims:
    """clone(m, arrays=True) gives fresh buffers, preserves sharing, and keeps holder type, dtype and bits of every
    leaf.
    """
    m = make()
    copied = nnx.clone(m, arrays=True)
    yield Eq(copied, make(), "isomorphic, bits included")
    mine, theirs = ({p: v for v, p in buffers(nnx, root)} for root in (m, copied))
    yield Eq([path for path, at in theirs.items() if at in mine.values()], [], "buffers in common")


def buffers(nnx: Any, root: Any) -> list[tuple[int, tuple[Any, ...]]]:
    """Address and path of the buffer of every array that has one."""
    found = []
    for path, leaf in leaves(nnx, root).items():
        value = leaf.get_raw_value() if is_variable(nnx, leaf) else leaf
        if isinstance(value, np.ndarray) and value.size:
            found.append((value.__array_interface__["data"][0], path))
        elif isinstance(value, jax.Array) and value.size and not jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            found.append((value.unsafe_buffer_pointer(), path))
    return found


@law("clone.donation", term=SPLIT_AND_MERGE, level=SHOULD, uses=("clone.options", "clone", "split"))
def donation(nnx: Any, make: Any) -> Claims:
    """After clone(m, arrays=True) source and clone can be donated together; a default clone may share immutable buffers
    with its source.
    """
    m = make()
    expected = observe(nnx, nnx.split(m)[1])
    copied = nnx.clone(m, arrays=True)
    both = jax.jit(lambda a, b: (a, b), donate_argnums=(0, 1))(nnx.split(m)[1], nnx.split(copied)[1])
    yield Eq(both[0], expected, "the source")
    yield Eq(both[1], expected, "the clone")


LAWS: tuple[Law, ...] = (isomorphic_disjoint, deep, without_variables, arrays_bit_exact, donation)
