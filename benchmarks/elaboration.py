"""Scripts of 50,000 Variables: elaborated in time proportional to their length.

`nnxspec.spec.script.elaborate` looks at all objects anew for each step, which laws of two dozen steps never notice, but
5,000 Variables would take it minutes. Here the pools are kept as lists. The text that comes out is the same to the
letter, and a test compares the two at small sizes, but for one thing: where the fields of a node are declared with its
class (the limit ``later-parts``), each class has as many fields as its nodes use, and not seven.

What the limits of a backend take out of a subject is noted in words: it is another subject then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nnxspec.spec.script import Script
from nnxspec.spec.script.builder import Builder
from nnxspec.spec.script.model import NAMES, Slot, Thing
from nnxspec.spec.script.steps import Step, with_implied
from nnxspec.spec.script.world import NODES, VARIABLES

BATCH_STAT = "nnx.BatchStat"
NOTES = {
    "variable-types": "every Variable is a Param",
    "list-nodes": "Modules in the place of Lists",
    "statics": "without statics",
    "metadata": "without metadata",
    "no-label": "every Variable has a label",
}
"""What is said of a subject from which a limit has taken something, by limit."""


class LongBuilder(Builder):
    """A `Builder` that keeps its pools; for scripts that only add, and whose attribute names are not awkward.

    Attributes:
        classes_of: the class of each Variable, such as ``nnx.Param``.
        noted: the limits that took something out of the subject.
    """

    def __init__(self, without: frozenset[str]) -> None:
        super().__init__(without)
        self.classes_of: dict[Thing, str] = {}
        self.noted: set[str] = set()
        self._nodes: list[Thing] = []
        self._variables: list[Thing] = []
        self._others: list[Thing] = []

    def fresh(self, prefix: str, kind: str, expression: str, **more: object) -> Thing:
        made = super().fresh(prefix, kind, expression, **more)
        (self._variables if kind == "variable" else self._others).append(made)
        if kind in ("module", "list", "dict"):
            self._nodes.append(made)
        if kind == "variable":
            self.classes_of[made] = expression.partition("(")[0]
        return made

    def nodes(self) -> list[Thing]:
        return self._nodes

    def variables(self) -> list[Thing]:
        return self._variables

    # what the limits take out

    def _take_out(self, limit: str, wanted: bool) -> None:
        if wanted and limit in self.without:
            self.noted.add(limit)

    def new_node(self, index: int) -> Thing:
        self._take_out("list-nodes", NODES[index % len(NODES)] == "nnx.List")
        return super().new_node(index)

    def new_variable(self, step: Step) -> Thing:
        self._take_out("variable-types", step.operand("kind") % len(VARIABLES) > 0)
        self._take_out("no-label", True)
        return super().new_variable(step)

    def metadata(self, index: int) -> str:
        self._take_out("metadata", index > 0)
        return super().metadata(index)

    def do_static(self, step: Step) -> None:
        self._take_out("statics", True)
        super().do_static(step)

    # what is kept at hand

    def target(self, operand: int) -> Thing:
        pool = self._others if operand % 2 or not self._variables else self._variables
        return pool[-1 - operand // 2 % len(pool)]

    def attach(self, parent: Thing, operand: int, slot: Slot) -> None:
        if parent.kind != "module" or len(parent.named) < len(NAMES):
            super().attach(parent, operand, slot)
            return
        # All names of the pool are taken, so it is the next numbered one.
        name = f"n{len(parent.named) - len(NAMES)}"
        self.assign(parent, name, slot.code)
        parent.named[name] = slot

    def declared(self) -> str:
        """Classes with the fields that nodes have, where these are declared; the nodes are made of them from now on."""
        if "later-parts" not in self.without:
            return ""
        sources: dict[str, str] = {}
        for node in self._nodes:
            node.cls = f"Cell{len(node.named)}"
            fields = "".join(f"    {name}: object = None\n" for name in node.named) or "    pass\n"
            sources[node.cls] = f"class {node.cls}(nnx.Module):\n{fields}"
        return "".join(sources.values())


@dataclass(frozen=True)
class Long:
    """An elaborated script.

    Args:
        classes: source of the classes that only this script has; empty for none.
        make: source of a function that builds the graph.
        body: source of a function of an index and the graph that returns the values of all Variables.
        params: source of a function of the graph that returns its Params, in the order of making.
        holders: source of a function of the graph that returns the nodes and names at which a BatchStat stands.
        values: for each Variable, in the order of making, its class and the code of its value.
        seeds: the seeds of the Rngs in the order in which they are made.
        notes: what limits have taken out, in words.
    """

    classes: str
    make: str
    body: str
    params: str
    holders: str
    values: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...]
    notes: tuple[str, ...]


def elaborate_long(script: Script, without: Iterable[str] = ()) -> Long:
    """A script of any length made explicit, with the body that reads all its Variables (`scripts.program`).

    Args:
        script: made by `scripts.script`.
        without: limits of the backend.
    """
    builder = LongBuilder(with_implied((*script.without, *without)))
    root = builder.new_node(script.root)
    builder.run(script.steps)
    classes = builder.declared()
    variables = builder.variables()
    params = [v for v in variables if builder.classes_of[v] != BATCH_STAT]
    reached = _Reached(builder, root)
    reads = [f"out.append({v.name}.get_value())" for v in variables]
    held = [
        (node, name)
        for node in builder.nodes()
        for name, slot in node.named.items()
        if slot.thing is not None and builder.classes_of.get(slot.thing) == BATCH_STAT
    ]
    pairs = ", ".join(f"({node.name}, {name!r})" for node, name in held)
    return Long(
        classes=classes,
        make=_function("make()", builder.finished([root], root.name)),
        body=_function("body(i, x0)", [*reached.header(variables), "out = []", *reads, "return tuple(out)"]),
        params=_function("params(x0)", [*reached.header(params), f"return [{', '.join(v.name for v in params)}]"]),
        holders=_function("holders(x0)", [*reached.header([node for node, _ in held]), f"return [{pairs}]"]),
        values=tuple((builder.classes_of[v], v.leaf.code() if v.leaf is not None else "") for v in variables),
        seeds=tuple(step.operand("seed") for step in script.steps if step.name == "rngs"),
        notes=tuple(text for limit, text in NOTES.items() if limit in builder.noted),
    )


class _Reached:
    """How a body gets at the objects of its argument: as `elaborate_program` does it, level by level."""

    def __init__(self, builder: LongBuilder, root: Thing) -> None:
        self.code, self.parent_of, queue = {root: "x0"}, {root: root}, [root]
        for parent in queue:
            for place in parent.places():
                for thing in parent.at(place).objects:
                    if thing not in self.code:
                        self.code[thing] = builder.read(parent, place)
                        self.parent_of[thing] = parent
                        queue.append(thing)

    def header(self, things: Iterable[Thing]) -> list[str]:
        """The statements that get these objects, and what stands in front of them."""
        wanted: set[Thing] = set()
        for thing in things:
            while thing not in wanted:
                wanted.add(thing)
                thing = self.parent_of[thing]
        return [f"{thing.name} = {text}" for thing, text in self.code.items() if thing in wanted]


def _function(signature: str, lines: Iterable[str]) -> str:
    return f"def {signature}:\n" + "".join(f"    {line}\n" for line in lines)
