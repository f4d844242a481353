"""Laws of what is in a GraphDef and what is not: no leaves, no arrays, the metadata of Variables."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import follow, leaves
from ...observation.nodes import is_node, is_variable
from ...terms import GRAPHDEF
from ..module.seeing import is_array


def put(nnx: Any, parent: Any, key: Any, value: Any) -> bool:
    """Replaces what stands at one key of a node, list or dict; tells whether the parent allows it."""
    if isinstance(parent, list | dict) or nnx.offers("containers") and isinstance(parent, nnx.List | nnx.Dict):
        parent[key] = value
    elif is_node(nnx, parent):
        setattr(parent, key, value)
    else:
        return False
    return True


@law("graphdef.static-only", term=GRAPHDEF, uses=("graphdef", "mutation"))
def static_only(nnx: Any, make: Any, value: Any) -> Claims:
    """A GraphDef is a static pytree without leaves and contains no leaf values: changing the value, shape or dtype of a
    data leaf leaves it unchanged."""
    m, other = make(), make()
    graphdef = nnx.graphdef(m)
    yield Eq(jax.tree.leaves(graphdef), [], "no leaves")
    yield Eq(jax.tree.map(lambda x: x, graphdef) == graphdef, True, "jax.tree.map with the identity")
    for path, leaf in leaves(nnx, other).items():
        if is_variable(nnx, leaf):
            leaf.set_value(value)
        elif is_array(leaf):
            put(nnx, follow(other, path[:-1]), path[-1], value)
    yield Eq(nnx.graphdef(other) == graphdef, True, "every leaf replaced")
    yield Eq(hash(nnx.graphdef(other)) == hash(graphdef), True, "every leaf replaced: the hash")


def keep(*args: Any, **kwargs: Any) -> None:
    """A function for partials."""


@jax.tree_util.register_pytree_node_class
class Enclosed:
    """A registered pytree whose content is found by flattening it alone: a function holds it."""

    def __init__(self, content: Any) -> None:
        self.get: Any = lambda: content

    def tree_flatten(self) -> tuple[tuple[Any], None]:
        return (self.get(),), None

    @classmethod
    def tree_unflatten(cls, aux: None, children: tuple[Any]) -> Any:
        return cls(*children)


def hidden(kinds: tuple[str, ...], item: Any, box: Any, slotted: Any) -> Any:
    """The item inside holders, the outermost named first; `box` and `slotted` are the classes of opaque ones."""
    for kind in reversed(kinds):
        if kind == "box":
            item = box(item)
        elif kind == "slots":
            item = slotted(item)
        elif kind == "partial":
            item = partial(keep, 1, item)
        elif kind == "keyword":
            item = partial(keep, option=item)
        elif kind == "registered":
            item = Enclosed(item)
        elif kind == "tuple":
            item = ("x", item)
        else:
            item = {"k": item}
    return item


@law("graphdef.no-hidden-arrays", term=GRAPHDEF, level=SHOULD, uses=("graphdef", "annotations"))
def no_hidden_arrays(nnx: Any, kinds: tuple[str, ...], value: Any) -> Claims:
    """No array is reachable from a GraphDef: a static value that holds one in a pytree, in its `__dict__` or
    `__slots__`, or among the arguments of a `functools.partial`, is refused with ValueError (functions' globals, types
    and modules are not entered).

    It may be refused when it is assigned or when the GraphDef is made. Source: the NNX page on GraphDef: it is static
    and hashable, which an array is not.
    """

    Block = module_class(nnx, "Block")

    class Box:
        def __init__(self, content: Any) -> None:
            self.content = content

    class Slotted:
        __slots__ = ("content",)

        def __init__(self, content: Any) -> None:
            self.content = content

    def build(item: Any) -> Any:
        m = Block()
        m.a = hidden(kinds, item, Box, Slotted)
        return nnx.graphdef(m)

    class Typed:
        array = value

    yield Refused(ValueError, partial(build, value), about="an array inside")
    for harmless in (1, "s", keep, Typed, jnp):
        yield Eq(isinstance(build(harmless), nnx.GraphDef), True, "no array inside")


@law("graphdef.metadata-source", term=GRAPHDEF, level=SHOULD, uses=("split", "merge", "metadata", "as_pure"))
def metadata_source(nnx: Any, make: Any, edit: Any) -> Claims:
    """On merge the metadata of the Variables in the state wins, and where the state holds pure values the metadata
    recorded in the graphdef is used."""
    oracle = make()
    expected = [nnx.metadata(leaf) for leaf in leaves(nnx, oracle).values() if is_variable(nnx, leaf)]
    graphdef, state = nnx.split(make())
    variables = [leaf for leaf in jax.tree.leaves(state, is_leaf=partial(is_variable, nnx)) if is_variable(nnx, leaf)]
    for variable in variables:
        variable.set_metadata(**edit, edited="yes")
    merged = leaves(nnx, nnx.merge(graphdef, state)).values()
    came = [nnx.metadata(leaf) for leaf in merged if is_variable(nnx, leaf)]
    yield Eq(came, [metadata | edit | {"edited": "yes"} for metadata in expected], "the state holds Variables")
    yield Eq(nnx.merge(graphdef, nnx.as_pure(state)), oracle, "the state holds pure values")


LAWS: tuple[Law, ...] = (static_only, no_hidden_arrays, metadata_source)
