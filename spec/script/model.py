"""The pure model on which scripts are elaborated: what exists, what is attached where, and which names are taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .literals import Leaf

NAMES = ("a", "b", "c", "w", "x1", "_p", "layers")
AWKWARD_NAMES = ("0", "10", "2", "a b", "sow", "shape", "é", "perturb", "copy")
KEYS = ("a", "b", "c", "_u", "layers", "x1", "z")
AWKWARD_KEYS = ("0", "10", "2", "a b", "shape")


@dataclass
class Slot:
    """What stands at one name or index: an object with identity, or the code of something without."""

    code: str
    status: str
    objects: tuple[Thing, ...] = ()  # objects with identity inside, for reachability
    thing: Thing | None = None  # the object itself, if the slot holds one directly
    access: tuple[str, ...] = ()  # for each of the objects, what to write behind the container to get it
    leaf: Leaf | None = None  # the raw array, if the slot holds one directly
    container: str = ""  # class of the plain container, if the slot holds one
    items: tuple[str, ...] = ()  # what to write behind the container to get each of its items


@dataclass(eq=False)
class Thing:
    """An object with identity in the model: a node, an Rngs or a Variable.

    Args:
        name: its variable in the printed program.
        kind: ``module``, ``list``, ``dict``, ``rngs`` or ``variable``.
        cls: node class in the printed program.
        opaque: whether jax.tree does not see into it.
        named: attributes by name (keys, for a Dict).
        items: elements, for a List.
        streams: names of streams, for an Rngs.
        holder: what holds the value, for a Variable.
        leaf: the value as it was made or last set whole, for a Variable; its numbers are not kept up to date.
        keywords: what a Variable is made with beside its value.
        expression: what makes the object, without its parts.
    """

    name: str
    kind: str
    cls: str = ""
    opaque: bool = False
    named: dict[str, Slot] = field(default_factory=dict)
    items: list[Slot] = field(default_factory=list)
    streams: tuple[str, ...] = ()
    holder: str = ""
    leaf: Leaf | None = None
    keywords: str = ""
    expression: str = ""

    def slots(self) -> list[Slot]:
        """Everything attached, elements first."""
        return [*self.items, *self.named.values()]

    def places(self, status: str | None = None) -> list[Any]:
        """Indices and names at which something (of the status) stands."""
        indexed = [i for i, slot in enumerate(self.items) if status in (None, slot.status)]
        return [*indexed, *(n for n, slot in self.named.items() if status in (None, slot.status))]

    def at(self, place: Any) -> Slot:
        """The slot at an index or name."""
        return self.items[place] if isinstance(place, int) else self.named[place]

    def put(self, place: Any, slot: Slot) -> None:
        """Replaces the slot at an index or name."""
        if isinstance(place, int):
            self.items[place] = slot
        else:
            self.named[place] = slot

    def reaches(self, targets: Iterable[Thing]) -> bool:
        """Whether one of the targets is this object or reachable from it."""
        wanted = {id(t) for t in targets}
        seen: set[int] = set()
        stack = [self]
        while stack:
            current = stack.pop()
            if id(current) in wanted:
                return True
            if id(current) not in seen:
                seen.add(id(current))
                stack.extend(o for slot in current.slots() for o in slot.objects)
        return False


def pick(pool: list[Any], operand: int) -> Any:
    """The element of a pool that an operand chooses, counted back from the newest; None if the pool is empty."""
    return pool[-1 - operand % len(pool)] if pool else None


def free_name(taken: Iterable[str], pool: tuple[str, ...], operand: int) -> str:
    """The first name from `pool[operand]` on that is not taken; numbered names once the pool is used up."""
    used = set(taken)
    for offset in range(len(pool)):
        name = pool[(operand + offset) % len(pool)]
        if name not in used:
            return name
    number = 0
    while f"n{number}" in used:
        number += 1
    return f"n{number}"


def reach(roots: Iterable[Thing]) -> set[Thing]:
    """The objects themselves and all that can be reached from them."""
    found: set[Thing] = set()
    stack = list(roots)
    while stack:
        thing = stack.pop()
        if thing not in found:
            found.add(thing)
            stack.extend(o for slot in thing.slots() for o in slot.objects)
    return found
