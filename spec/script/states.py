"""Leaves of states as data: Variables and raw values by path, for laws on states that no Module was split for."""

from __future__ import annotations

from dataclasses import dataclass, field

from .data import data
from .literals import Leaf, Metadata


@data("held")
@dataclass(frozen=True)
class Held:
    """A leaf of a state.

    Args:
        kind: code of the Variable's class; empty for a raw value.
        leaf: the value.
        metadata: metadata of the Variable.
    """

    kind: str = ""
    leaf: Leaf = field(default_factory=Leaf)
    metadata: Metadata = field(default_factory=Metadata)

    def code(self) -> str:
        keywords = self.metadata.keywords()
        arguments = self.leaf.code() + (f", {keywords}" if keywords else "")
        return f"{self.kind}({arguments})" if self.kind else self.leaf.code()


@data("flat-leaves")
@dataclass(frozen=True)
class FlatLeaves:
    """A flat state: as input of a law, a function that makes a new dict ``{path: leaf}`` with new leaves at each call.

    Args:
        entries: (path, leaf) in the order of insertion; paths are tuples of ints and strs.
    """

    entries: tuple[tuple[tuple[int | str, ...], Held], ...] = ()

    def code(self) -> str:
        return "(lambda: {" + ", ".join(f"{path!r}: {held.code()}" for path, held in self.entries) + "})"
