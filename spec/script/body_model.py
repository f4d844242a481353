"""The model on which a body is elaborated: what its steps may touch, and what those that build do to the arguments."""

from __future__ import annotations

from collections.abc import Iterable

from .arguments import ArgumentsBuilder
from .literals import Leaf
from .model import Slot, Thing, pick, reach
from .steps import Program, Step

_NEED_NODE = frozenset(
    (
        "array",
        "value",
        "static",
        "container",
        "alias",
        "delete",
        "swap",
        "replace",
        "set-static",
        "change-array",
        "sow",
        "container-append",
        "container-pop",
    )
)
"""Steps that vanish where there is no node to work on; the others that build make an object that nothing holds."""

_WRITES = frozenset(("set-value", "add", "combine", "write-index", "vary", "set-metadata"))

_BARRED_BY = {
    "set-static": "body-statics",
    "static": "body-statics",
    "set-metadata": "body-metadata",
    "draw": "body-draws",
    "vary": "body-index",
    "raise": "body-raise",
}


class BodyModel(ArgumentsBuilder):
    """What the arguments reach and what the body made itself, with the steps that build as a body takes them.

    Attributes:
        effects: what the body does to its arguments (see `ElaboratedProgram`).
        raised: whether it raises, after which there are no more steps.
        made: what it made itself.
        given: what it returns that has to stay apart from the arguments.
        varied: what it made and gave a value that depends on the lane or iteration.
    """

    def __init__(self, program: Program, without: frozenset[str]) -> None:
        super().__init__(program, without)
        self.effects: set[str] = set()
        self.raised = False
        self.made: set[Thing] = set()
        self.given: set[Thing] = set()
        self.varied: set[Thing] = set()
        # What a body makes is an array, or is made of arrays: nothing else comes out of a transform as it is.
        self.without = without | {"numpy", "values", "abstract", "pytree-values"} | frozenset(program.without)
        self._body(program.body)

    def _body(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if self.raised:
                break
            before = len(self.lines)
            self.run((step,))
            if len(self.lines) > before:
                self.count("effect:" + step.name)
        if self.varied & (reach(self.inputs) - reach(self.arguments)):
            self.effects.add("varying")  # in an object that was the arguments': its content comes out as well

    # pools: what the arguments reach now, and what the body made

    def pool(self) -> list[Thing]:
        reached = (reach(self.arguments) | self.made) - self.given
        return [t for t in self.things if t in reached]

    def nodes(self) -> list[Thing]:
        found = super().nodes()
        if "later-parts" in self.without:
            return []
        if "body-structure" in self.without:
            return [t for t in found if t in self.made]
        return found

    def fresh(self, prefix: str, kind: str, expression: str, **more: object) -> Thing:
        thing = super().fresh(prefix, kind, expression, **more)
        self.made.add(thing)
        return thing

    def affect(self, thing: Thing | None, *words: str) -> None:
        """Notes effects on an object, if it belongs to the arguments."""
        if thing in self.inputs:
            self.effects.update(words)
        elif thing is not None and "varying" in words:
            self.varied.add(thing)

    # what stands in the way of a step

    def run(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if not self._barred_step(step):
                super().run((step,))

    def _barred_step(self, step: Step) -> bool:
        if _BARRED_BY.get(step.name) in self.without:
            return True
        if "writes" in self.without and step.name in _WRITES:
            return True
        return step.name in _NEED_NODE and not self.nodes()

    def detaches(self, parent: Thing, place: int | str, slot: Slot) -> bool:
        """Whether putting `slot` there takes an input object out of reach."""
        old = parent.at(place)
        before = reach(self.arguments) & self.inputs
        parent.put(place, slot)
        lost = before - reach(self.arguments)
        parent.put(place, old)
        return bool(lost)

    def barred_detaching(self, lost: bool) -> bool:
        """Whether a step that loses an object of the arguments is barred."""
        return lost and "body-detached" in self.without

    # steps that build have effects here

    def attach(self, parent: Thing | None, operand: int, slot: Slot) -> None:
        if parent is None:
            return  # an object that is held by nothing, and may be returned
        self.affect(parent, "structure", *(("static",) if slot.status == "static" else ()))
        super().attach(parent, operand, slot)

    def do_node(self, step: Step) -> None:
        parent = pick(self.nodes(), step.operand("parent"))
        child = self.new_node(step.operand("class"))
        self.attach(parent, step.operand("name"), Slot(child.name, "data", (child,), child))

    def do_delete(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if n.slots()], step.operand("parent"))
        if parent is None:
            return
        lost = self.detaches(parent, pick(parent.places(), step.operand("which")), Slot("None", "static"))
        if self.barred_detaching(lost):
            return
        before = len(self.lines)
        super().do_delete(step)
        if len(self.lines) > before:
            self.affect(parent, "structure", *detached(lost))

    def do_swap(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if len(n.places("data")) > 1], step.operand("parent"))
        before = len(self.lines)
        super().do_swap(step)
        if len(self.lines) > before:
            self.affect(parent, "structure")

    def do_replace(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if n.places("data")], step.operand("parent"))
        if parent is None:
            return
        target = self.target(step.operand("target"))
        slot = Slot(target.name, "data", (target,), target)
        lost = self.detaches(parent, pick(parent.places("data"), step.operand("which")), slot)
        if self.barred_detaching(lost):
            return
        before = len(self.lines)
        super().do_replace(step)
        if len(self.lines) > before:
            self.affect(parent, "structure", *detached(lost))

    def do_set_static(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if n.places("static")], step.operand("parent"))
        super().do_set_static(step)
        self.affect(parent, "static")

    def do_set_metadata(self, step: Step) -> None:
        target = pick(self.variables(), step.operand("variable"))
        before = len(self.lines)
        super().do_set_metadata(step)
        if len(self.lines) > before:
            self.affect(target, "metadata")

    def do_set_value(self, step: Step) -> None:
        if "writes" in self.without:
            return
        target = pick(self.settable(), step.operand("variable"))
        if target is None or ("body-shapes" in self.without and target.holder != "jax"):
            return
        old = target.leaf
        super().do_set_value(step)
        new = target.leaf
        changed = old is None or new is None or (old.holder, old.dtype, old.shape) != ("jax", new.dtype, new.shape)
        self.affect(target, "value", *(("shape",) if changed else ()))

    def new_value(self, target: Thing, step: Step) -> Leaf:
        if "body-shapes" in self.without and target.leaf is not None:
            return Leaf("jax", target.leaf.dtype, target.leaf.shape, step.operand("seed"))
        return super().new_value(target, step)

    def do_draw(self, step: Step) -> None:
        target = pick([t for t in self.pool() if t.kind == "rngs"], step.operand("rngs"))
        if target is None:
            return
        draw = f"{target.name}.{pick(list(target.streams), step.operand('stream'))}()"
        self.affect(target, "draw")
        self.lines.append(draw if "body-outputs" in self.without else f"out.append({draw})")


def detached(lost: bool) -> tuple[str, ...]:
    """The effect, if an object of the arguments was lost."""
    return ("detach",) if lost else ()
