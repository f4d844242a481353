"""The arguments of a program: which objects are passed, how a body gets at their parts, and what they share."""

from __future__ import annotations

from .builder import Builder
from .model import Thing, reach
from .steps import Program


class ArgumentsBuilder(Builder):
    """The model after the build, with some of its objects as arguments.

    Attributes:
        make: statements that build the graph, the last of which returns the tuple of arguments.
        arguments: the objects passed.
        access: for each of them, what to write behind its parameter to get it out of the container around it.
        inputs: every object that the arguments reach.
        parents: for each of these the expression by which the body gets it, in the order in which they are met.
        groups: for each argument, the number of the first argument with which it shares an object.
    """

    def __init__(self, program: Program, without: frozenset[str]) -> None:
        super().__init__(without)
        built = Builder(without)
        built.new_node(program.build.root)
        built.run(program.build.steps)
        self.things, self.classes, self.features = built.things, built.classes, built.features
        wrapped = [self._argument(operand) for operand in program.arguments]
        if "aliased-arguments" in without:
            wrapped = _apart(wrapped)
        self.make = built.finished([t for t, _ in wrapped], f"({', '.join(code for _, code in wrapped)},)")
        self.arguments = [thing for thing, _ in wrapped]
        self.access = ["[0]" if "[" in code else "['k']" if "{" in code else "" for _, code in wrapped]
        self.reached = [reach([thing]) for thing in self.arguments]
        self.inputs = set[Thing]().union(*self.reached)
        self.parents = self._parents()
        self._count_arguments()

    def _argument(self, operand: int) -> tuple[Thing, str]:
        """An object and the code of the argument; even choices are nodes, and the root comes first."""
        wrapper, which = operand % 4, operand // 4
        pool = [t for t in self.things if (t.kind == "variable") == bool(which % 2)] or self.things
        thing = pool[which // 2 % len(pool)]
        codes = {2: f"[{thing.name}]", 3: f"{{'k': {thing.name}}}"}
        return thing, codes.get(wrapper, thing.name)

    def _parents(self) -> dict[Thing, str]:
        """For every object of the arguments how the body gets it: from a parameter, or from an object got before."""
        found: dict[Thing, str] = {}
        queue: list[Thing] = []
        for number, (thing, access) in enumerate(zip(self.arguments, self.access, strict=True)):
            if thing not in found:
                found[thing] = f"x{number}{access}"
                queue.append(thing)
        for parent in queue:
            for place in parent.places():
                slot = parent.at(place)
                for thing, access in zip(slot.objects, slot.access or ("",), strict=False):
                    if thing not in found:
                        found[thing] = self.read(parent, place) + access
                        queue.append(thing)
        return found

    def _count_arguments(self) -> None:
        self.groups: list[int] = []
        for number, mine in enumerate(self.reached):
            shared = [g for g, other in zip(self.groups, self.reached, strict=False) if mine & other]
            first = min(shared, default=number)
            self.groups = [first if g in shared else g for g in self.groups] + [first]
        across = len(set(self.groups)) < len(self.groups)
        held: dict[Thing, int] = {}
        for thing in self.inputs:
            for slot in thing.slots():
                for o in slot.objects:
                    held[o] = held.get(o, 0) + 1
        within = any(n > 1 for n in held.values())
        self.count(*(["alias:across"] if across else []), *(["alias:within"] if within else []))
        self.count(*(["alias:none"] if not across and not within else []))
        self.count(f"arguments:{len(self.groups)}")


def _apart(arguments: list[tuple[Thing, str]]) -> list[tuple[Thing, str]]:
    """Those of the arguments that share nothing with one before them."""
    kept: list[tuple[Thing, str]] = []
    reached: set[Thing] = set()
    for thing, code in arguments:
        mine = reach([thing])
        if not mine & reached:
            kept.append((thing, code))
            reached |= mine
    return kept
