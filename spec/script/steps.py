"""Steps: the vocabulary of scripts, as frozen data with small integer operands.

Operands choose from the pool of objects of the kind that a step needs, counted back from the newest; where the pool is
empty the step vanishes. So removing a step, or making an operand smaller, always leaves a meaningful, simpler script.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .data import data


@dataclass(frozen=True)
class Operation:
    """One kind of step.

    Args:
        name: name in scripts and their JSON form.
        operands: what its integers choose, in order.
        meaning: one line for readers.
    """

    name: str
    operands: tuple[str, ...]
    meaning: str


OPERATIONS: dict[str, Operation] = {
    o.name: o
    for o in (
        Operation("node", ("parent", "name", "class"), "a new node (Module, List, Dict, ...) attached to a node"),
        Operation(
            "variable",
            ("parent", "name", "kind", "holder", "dtype", "shape", "seed", "metadata"),
            "a new Variable attached to a node",
        ),
        Operation("array", ("parent", "name", "holder", "dtype", "shape", "seed"), "a raw array attached to a node"),
        Operation("value", ("parent", "name", "seed"), "a Python value attached as data"),
        Operation("static", ("parent", "name", "index"), "a static attached to a node"),
        Operation("rngs", ("parent", "name", "form", "seed"), "a new Rngs attached to a node"),
        Operation(
            "container",
            ("parent", "name", "class", "first", "second", "third"),
            "a plain container of up to three items attached as data",
        ),
        Operation("alias", ("parent", "name", "target"), "an object that exists already attached once more"),
        Operation("delete", ("parent", "which"), "an attribute or element taken away"),
        Operation("swap", ("parent", "which", "other"), "two attributes or elements of one node exchanged"),
        Operation(
            "replace", ("parent", "which", "target"), "an attribute or element set to an object that exists already"
        ),
        Operation("set-value", ("variable", "dtype", "shape", "seed"), "a Variable given a new array"),
        Operation("set-metadata", ("variable", "index"), "metadata of a Variable set"),
        Operation("set-static", ("parent", "which", "index"), "a static attribute given another static value"),
        Operation("draw", ("rngs", "stream"), "a key drawn from a stream"),
    )
}
"""Every step that builds, by name."""

EFFECTS: dict[str, Operation] = {
    o.name: o
    for o in (
        Operation("add", ("variable", "how", "seed"), "a small number added to the value of a Variable"),
        Operation("combine", ("variable", "other"), "the value of another Variable added to that of a Variable"),
        Operation("write-index", ("variable", "how", "seed"), "a part of the value of a Variable written"),
        Operation("vary", ("variable", "how"), "a Variable given a value that depends on the lane or iteration"),
        Operation("change-array", ("parent", "which", "how"), "a raw array of a node replaced by another"),
        Operation("pop-item", ("parent", "which"), "an element taken out of a List"),
        Operation("container-append", ("parent", "which", "seed"), "a new Variable put into a plain list or dict"),
        Operation("container-pop", ("parent", "which"), "an item taken out of a plain list or dict"),
        Operation("sow", ("parent", "variable"), "a value stored with sow"),
        Operation("read", ("variable",), "the value of a Variable returned"),
        Operation("return", ("target",), "an object returned"),
        Operation("raise", (), "an exception raised"),
    )
}
"""The steps that only a body has, by name; the others occur in bodies as well."""

LIMITS: dict[str, str] = {
    "sharing": "no object is reached twice (implies no cycles)",
    "cycles": "no object is reached from itself",
    "containers": "no plain Python containers as data",
    "raw-arrays": "every array is held by a Variable",
    "numpy": "no numpy arrays",
    "values": "no Python scalars, None or strings as data or in Variables",
    "strings": "no strings as data",
    "keys": "no typed PRNG keys",
    "abstract": "no ShapeDtypeStruct in Variables",
    "pytree-values": "no list or dict as the value of a Variable",
    "mixed-values": "no list with a Python number as the value of a Variable",
    "rngs": "no Rngs objects",
    "non-pytrees": "no nodes that jax.tree does not see into",
    "unhashable": "statics and metadata are hashable",
    "nan": "no static is NaN",
    "metadata": "Variables carry no metadata of their own",
    "statics": "nodes have no static attributes",
    "awkward-names": "attribute names are plain identifiers",
    "names-on-lists": "list-like nodes have no named attributes",
    "variable-types": "every Variable is a Param",
    "later-parts": "nodes and Variables get all their parts when they are made",
    "writes": "the value of a Variable never changes",
    "shapes": "a Variable keeps shape and dtype",
    "no-label": "every Variable has a label of its own",
    "aliased-arguments": "no object is reached from two arguments",
    "edits": "nothing is deleted, replaced or exchanged after it was made",
    "list-edits": "elements of Lists are only appended",
    "nodes-in-containers": "no graph nodes inside plain containers",
    "unsorted-containers": "no namedtuple and no OrderedDict, whose order in jax is not that of their keys",
    "list-nodes": "no List and Dict nodes",
    "weak": "no weakly typed arrays",
    "scalars": "every array has a dimension",
    "unmarked": "nothing is marked as data",
    "bare-arrays": "raw arrays are marked as data where they are attached",
    "body-structure": "a body adds, removes and exchanges nothing",
    "body-statics": "a body changes no static",
    "body-sow": "a body sows nothing",
    "body-metadata": "a body changes no metadata",
    "body-shapes": "a body keeps shape and dtype of every Variable",
    "body-draws": "a body draws no keys",
    "body-indexing": "a body writes every value whole",
    "body-index": "what a body does depends on neither lane nor iteration",
    "body-detached": "a body takes no input object out of the graph",
    "body-outputs": "a body returns nothing",
    "body-inputs": "a body returns none of its arguments and nothing that holds a part of them",
    "body-nodes": "a body returns arrays only",
    "body-raise": "a body does not raise",
}
"""What a script can be told to do without; steps that would need it vanish or take the plain choice."""


_IMPLIED = {
    "later-parts": ("edits", "cycles", "statics", "awkward-names", "rngs", "list-nodes", "non-pytrees"),
}
"""Limits that come with another: where fields are declared with the class, a node has no other names."""


def with_implied(limits: Iterable[str]) -> frozenset[str]:
    """The limits and those that come with them."""
    found = frozenset(limits)
    return found.union(*(_IMPLIED.get(limit, ()) for limit in found))


@data("step")
@dataclass(frozen=True)
class Step:
    """One step: the name of an operation and its operands, of which missing ones count as 0."""

    name: str
    operands: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        operation = OPERATIONS.get(self.name) or EFFECTS.get(self.name)
        if operation is None:
            raise ValueError(f"unknown step {self.name!r}; known: {', '.join((*OPERATIONS, *EFFECTS))}")
        if len(self.operands) > len(operation.operands):
            raise ValueError(f"step {self.name!r} takes {len(operation.operands)} operands, not {len(self.operands)}")
        if not all(type(o) is int and o >= 0 for o in self.operands):
            raise ValueError(f"operands of step {self.name!r} are integers from 0, not {self.operands!r}")

    def operand(self, name: str) -> int:
        """The operand of that name, 0 if it was left out."""
        index = (OPERATIONS.get(self.name) or EFFECTS[self.name]).operands.index(name)
        return self.operands[index] if index < len(self.operands) else 0


@data("script")
@dataclass(frozen=True)
class Script:
    """A program that builds a graph.

    Args:
        root: class of the root: an index into `nnxspec.spec.script.world.NODES`, without those that the limits bar,
            modulo their number.
        steps: what is done, in order.
        without: names of `LIMITS` that apply to every step.
    """

    root: int = 0
    steps: tuple[Step, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self.root) is not int or self.root < 0:
            raise ValueError(f"root is an integer from 0, not {self.root!r}")
        for step in self.steps:
            if not isinstance(step, Step):
                raise ValueError(f"a script consists of steps, not of {step!r:.60}")
            if step.name in EFFECTS:
                raise ValueError(f"the step {step.name!r} occurs in the body of a program only")
        for limit in self.without:
            if limit not in LIMITS:
                raise ValueError(f"unknown limit {limit!r}; known: {', '.join(LIMITS)}")


@data("program")
@dataclass(frozen=True)
class Program:
    """A graph, some objects of it as arguments, and a body that runs on them.

    Args:
        build: makes the graph.
        arguments: one number for each argument: how it is wrapped, whether a node or a Variable is meant, and which,
            counted from the root on.
        body: what is done to the arguments, in order.
        without: names of `LIMITS` that apply to the body, beside those of `build`.
    """

    build: Script = Script()
    arguments: tuple[int, ...] = (0,)
    body: tuple[Step, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.build, Script):
            raise ValueError(f"a program builds its graph with a script, not with {self.build!r:.60}")
        if not self.arguments or not all(type(a) is int and a >= 0 for a in self.arguments):
            raise ValueError(f"arguments are integers from 0, at least one, not {self.arguments!r}")
        for step in self.body:
            if not isinstance(step, Step):
                raise ValueError(f"a body consists of steps, not of {step!r:.60}")
        for limit in self.without:
            if limit not in LIMITS:
                raise ValueError(f"unknown limit {limit!r}; known: {', '.join(LIMITS)}")
