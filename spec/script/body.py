"""Elaboration of programs: the body goes on where the build ended, on the same model, with the arguments as its world.

A body may touch what its arguments reach and what it made itself. The model says which of its steps have an effect on
the arguments, so that laws know what has to propagate, what must be refused and what is free.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .effects import BodyBuilder
from .steps import Program, with_implied


@dataclass(frozen=True)
class ElaboratedProgram:
    """A program made explicit.

    Args:
        make: statements that build the graph, the last of which returns the tuple of arguments.
        body: statements of the body; its parameters are ``i`` and ``x0``, ``x1``, ...
        classes: names of the script classes and functions that the statements use.
        features: how often each feature occurs.
        effects: what the body does to its arguments, out of ``value``, ``varying``, ``shape``, ``metadata``,
            ``draw``, ``array``, ``structure``, ``static``, ``detach``; and ``raise``, ``returns-input``.
        groups: for each argument, the number of the first argument with which it shares an object.
        nodes: for each argument, whether it is a graph node (and not a Variable or a container).
    """

    make: tuple[str, ...]
    body: tuple[str, ...]
    classes: frozenset[str]
    features: tuple[tuple[str, int], ...]
    effects: frozenset[str]
    groups: tuple[int, ...]
    nodes: tuple[bool, ...]

    def source(self, name: str = "program") -> str:
        """A namespace with ``make``, ``body``, ``effects``, ``groups`` and ``nodes``."""
        parameters = "".join(f", x{n}" for n in range(len(self.groups)))
        make = f"def {name}_make():\n" + "".join(f"    {line}\n" for line in self.make)
        body = f"def {name}_body(i{parameters}):\n" + "".join(f"    {line}\n" for line in self.body)
        effects = f"frozenset({sorted(self.effects)!r})"
        fields = f"    make={name}_make,\n    body={name}_body,\n    effects={effects},\n"
        facts = f"    groups={self.groups!r},\n    nodes={self.nodes!r},\n"
        return f"{make}\n\n{body}\n\n{name} = types.SimpleNamespace(\n{fields}{facts})\n"


def _statements(builder: BodyBuilder) -> tuple[str, ...]:
    """The statements, with those in front that get the objects out of the parameters."""
    text = "\n".join(builder.lines)
    wanted = {t for t in builder.inputs if re.search(rf"\b{t.name}\b", text)}
    header: list[str] = []
    todo = list(wanted)
    while todo:  # what stands in front of an object's path is needed too
        code = builder.parents[todo.pop()]
        for t in builder.inputs - wanted:
            if re.search(rf"\b{t.name}\b", code):
                wanted.add(t)
                todo.append(t)
    for thing, code in builder.parents.items():  # in the order in which they were reached
        if thing in wanted:
            header.append(f"{thing.name} = {code}")
    out = any("out.append" in line for line in builder.lines)
    ends = [] if builder.raised else ["return tuple(out)" if out else "return ()"]
    return (*header, *(["out = []"] if out else []), *builder.lines, *ends)


@functools.lru_cache(maxsize=1024)
def _elaborate_program(program: Program, without: frozenset[str]) -> ElaboratedProgram:
    builder = BodyBuilder(program, without)
    body = _statements(builder)
    features = tuple(sorted((name, n) for name, n in builder.features.items() if n > 0))
    return ElaboratedProgram(
        builder.make,
        body,
        frozenset(builder.classes),
        features,
        frozenset(builder.effects),
        tuple(builder.groups),
        tuple(t.kind != "variable" and not access for t, access in zip(builder.arguments, builder.access, strict=True)),
    )


def elaborate_program(program: Program, without: Iterable[str] = ()) -> ElaboratedProgram:
    """Makes a program explicit under its own limits and further ones (those of a backend)."""
    return _elaborate_program(program, with_implied((*program.build.without, *without)))
