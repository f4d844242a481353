"""Subjects as scripts: graphs of a wanted shape and size, in the language in which laws state their inputs.

A script is generated step by step, without chance: the same shape and size always give the same steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnxspec.spec.script import Program, Script, Step

_BLOCK, _LIST = 0, 2
"""Node classes of scripts by index: a Module, and nnx.List."""
_PARAM, _BATCH_STAT = 0, 2
"""Variable classes of scripts by index."""
_VECTOR = 1
"""The shape ``(2,)``, by index."""
_TAGGED = 2
"""Metadata of two entries, by index."""
DEPTH = 100
"""How many Modules deep the shape ``deep`` gets at most: a graph walk written as a recursion still does that."""
GROUP = 10
"""How many Variables a block has, and how often a BatchStat stands among the Params."""


class _Writer:
    """Writes the steps of a script; knows the numbers of nodes and Variables, which operands count from the newest."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.steps: list[Step] = []
        self.nodes = 1
        self.variables = 0
        self.hidden = 0  # Variables inside of Rngs, which no step can name

    @property
    def missing(self) -> int:
        """How many Variables are still to come."""
        return self.size - self.variables - self.hidden

    def node(self, parent: int, cls: int = _BLOCK) -> int:
        """A new node below the one with that number; gives its number."""
        self.steps.append(Step("node", (self._back(parent), 0, cls)))
        self.nodes += 1
        return self.nodes - 1

    def variable(self, parent: int, metadata: int = 0) -> None:
        """A new Variable: every tenth is a BatchStat (in the smallest subjects the fifth), the others are Params."""
        every = min(GROUP, self.size)
        kind = _BATCH_STAT if self.variables % every == every - 1 else _PARAM
        seed = self.variables % 4
        self.steps.append(Step("variable", (self._back(parent), 0, kind, 0, 0, _VECTOR, seed, metadata)))
        self.variables += 1

    def variables_of(self, parent: int, count: int, metadata: int = 0) -> None:
        """So many new Variables, or as many as are missing."""
        for _ in range(min(count, self.missing)):
            self.variable(parent, metadata)

    def rngs(self, parent: int) -> None:
        """A new Rngs with one stream, which holds two Variables: the key and the count."""
        self.steps.append(Step("rngs", (self._back(parent), 0, 0, self.hidden % 100)))
        self.hidden += 2

    def static(self, parent: int) -> None:
        """A static attribute."""
        self.steps.append(Step("static", (self._back(parent), 0, 0)))

    def alias_variable(self, parent: int, number: int) -> None:
        """A Variable attached once more."""
        self.steps.append(Step("alias", (self._back(parent), 0, 2 * (self.variables - 1 - number))))

    def alias_newest_node(self, parent: int) -> None:
        """The newest node attached once more."""
        self.steps.append(Step("alias", (self._back(parent), 0, 1)))

    def _back(self, node: int) -> int:
        return self.nodes - 1 - node


def _wide(to: _Writer) -> None:
    to.variables_of(0, to.size)


def _deep(to: _Writer) -> None:
    levels = min(DEPTH, to.size)
    node = 0
    for level in range(levels):
        to.variables_of(node, to.size * (level + 1) // levels - to.variables)
        if level < levels - 1:
            node = to.node(node)


def _stack(to: _Writer, metadata: int = 0, rngs: bool = False) -> None:
    """Blocks like those of a transformer: attention with four kernels, two layers after it, and a norm."""
    layers = to.node(0, _LIST)
    while to.missing:
        block = to.node(layers)
        to.static(block)
        to.variables_of(to.node(block), 4, metadata)
        if to.missing:
            layer = to.node(block)
            if rngs and to.missing >= 2:
                to.rngs(layer)
            to.variables_of(layer, 2 if rngs else 4, metadata)
        if to.missing:
            to.variables_of(to.node(block), 2, metadata)


def _tagged_stack(to: _Writer) -> None:
    _stack(to, metadata=_TAGGED)


def _random_stack(to: _Writer) -> None:
    _stack(to, rngs=True)


def _shared(to: _Writer) -> None:
    """Every Variable is held by two Modules, and one of these by a third place: three paths to each Variable."""
    holder = to.node(0, _LIST)
    while to.missing:
        first, start = to.node(holder), to.variables
        to.variables_of(first, GROUP)
        second = to.node(holder)
        for number in range(start, to.variables):
            to.alias_variable(second, number)
        to.alias_newest_node(holder)


@dataclass(frozen=True)
class Shape:
    """A family of graphs.

    Args:
        name: how users name it.
        what: what its graphs look like.
        write: writes the steps.
        needs: the capability without which such graphs cannot be made; empty for none.
    """

    name: str
    what: str
    write: Callable[[_Writer], None]
    needs: str = ""


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("blocks", "a List of blocks like a transformer: ten Variables, four Modules and a static each", _stack),
        Shape("wide", "one Module with all Variables", _wide),
        Shape("deep", f"Modules nested {DEPTH} deep, Variables at every level", _deep),
        Shape("shared", "every Variable held by two Modules, one of which is held twice", _shared, "sharing"),
        Shape("metadata", "blocks; every Variable has two entries of metadata", _tagged_stack),
        Shape("rngs", "blocks; each has an Rngs, which holds two of its Variables", _random_stack, "rng.streams"),
    )
}
"""The shapes of subjects by name."""

SIZES = (5, 50, 500, 5_000, 50_000)
"""The numbers of Variables that are measured unless others are asked for."""


def script(shape: str, size: int) -> Script:
    """The script that builds a graph of a shape.

    Args:
        shape: a name out of `SHAPES`.
        size: how many Variables the graph holds, those inside of Rngs counted.
    """
    to = _Writer(size)
    SHAPES[shape].write(to)
    assert to.missing == 0, f"{shape} of {size} has {to.variables} + {to.hidden} Variables"
    return Script(0, tuple(to.steps), ("awkward-names",))


def program(shape: str, size: int) -> Program:
    """The script of a graph with a body that gets the graph, and returns the values of all its Variables in order."""
    build = script(shape, size)
    count = sum(step.name == "variable" for step in build.steps)
    return Program(build, (0,), tuple(Step("read", (count - 1 - number,)) for number in range(count)))
