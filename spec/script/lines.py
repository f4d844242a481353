"""The model of one script, and the lines of Python that it becomes: what exists, what a step may choose among."""

from __future__ import annotations

from collections import Counter

from . import world
from .model import Thing, pick


class Lines:
    """The model of one script, and its lines so far.

    Args:
        without: the limits that apply.

    Attributes:
        lines: statements, one for each that a step became.
        classes: names of the script classes and functions that the lines use.
        features: how often each feature occurred.
        things: every object made, from the oldest to the newest.
    """

    def __init__(self, without: frozenset[str]) -> None:
        self.without = without
        self.lines: list[str] = []
        self.classes: set[str] = set()
        self.features: Counter[str] = Counter()
        self.things: list[Thing] = []

    # what a step may choose among

    def settable(self) -> list[Thing]:
        """Variables that may be given a new array."""
        holders = ("jax",) if "shapes" in self.without else ("jax", "numpy", "weak")
        return [v for v in self.variables() if v.holder in holders]

    def pool(self) -> list[Thing]:
        """The objects among which a step may choose."""
        return self.things

    def nodes(self) -> list[Thing]:
        """Nodes to which something can be attached."""
        return [t for t in self.pool() if t.kind in ("module", "list", "dict")]

    def variables(self) -> list[Thing]:
        """Variables whose value or metadata a step may change."""
        return [t for t in self.pool() if t.kind == "variable"]

    def target(self, operand: int) -> Thing:
        """An object to attach once more: even operands prefer Variables, odd ones nodes."""
        variables = self.variables()
        if operand % 2 or not variables:
            variables = [t for t in self.pool() if t.kind != "variable"]
        found: Thing = pick(variables, operand // 2)
        return found

    # what is noted and written

    def count(self, *features: str) -> None:
        """Notes that features occurred."""
        self.features.update(features)

    def use(self, code: str) -> str:
        """Notes which script classes and functions an expression uses."""
        for name in (*world.CLASSES, "other_activation", "activation"):
            if name in code:
                self.classes.add(name)
        return code

    def fresh(self, prefix: str, kind: str, expression: str, **more: object) -> Thing:
        """Makes an object, with a statement for it; `more` are fields of `Thing`."""
        thing = Thing(f"{prefix}{len(self.things)}", kind, **more)  # type: ignore[arg-type]  # fields of Thing
        self.things.append(thing)
        thing.expression = self.use(expression)
        self.lines.append(f"{thing.name} = {expression}")
        return thing

    def finished(self, roots: list[Thing], result: str) -> tuple[str, ...]:
        """The statements that build the roots, the last of which returns `result`."""
        if "later-parts" not in self.without:
            return (*self.lines, f"return {result}")
        lines: list[str] = []
        done: set[Thing] = set()

        def write(thing: Thing) -> None:
            if thing in done:
                return
            done.add(thing)
            for slot in thing.slots():
                for part in slot.objects:
                    write(part)
            if thing.kind == "module":
                parts = ", ".join(f"{name}={slot.code}" for name, slot in thing.named.items())
                lines.append(f"{thing.name} = {thing.cls}({parts})")
            else:
                lines.append(f"{thing.name} = {thing.expression}")

        for root in roots:
            write(root)
        return (*lines, f"return {result}")
