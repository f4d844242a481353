"""Elaboration: a script becomes explicit operations on explicit objects, before any backend is touched.

The result is Python source in the backend's own names. It is executed to build the graph and printed to show it: one
text for both, so what a failure shows is what ran.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from .builder import Builder
from .steps import Script, with_implied


@dataclass(frozen=True)
class Elaborated:
    """A script made explicit.

    Args:
        lines: statements that build the graph, the last of which returns the root.
        classes: names of the script classes and functions that the lines use.
        features: how often each feature occurs, for coverage tables and events.
        without: the limits that applied.
    """

    lines: tuple[str, ...]
    classes: frozenset[str]
    features: tuple[tuple[str, int], ...]
    without: frozenset[str]

    def source(self, name: str = "make") -> str:
        """A function of no arguments that builds the graph anew at each call."""
        return f"def {name}():\n" + "".join(f"    {line}\n" for line in self.lines)


@functools.lru_cache(maxsize=1024)
def _elaborate(script: Script, without: frozenset[str]) -> Elaborated:
    builder = Builder(without)
    root = builder.new_node(script.root)
    builder.run(script.steps)
    lines = builder.finished([root], root.name)
    features = tuple(sorted((name, n) for name, n in builder.features.items() if n > 0))
    return Elaborated(lines, frozenset(builder.classes), features, without)


def elaborate(script: Script, without: Iterable[str] = ()) -> Elaborated:
    """Makes a script explicit under its own limits and further ones (those of a backend)."""
    return _elaborate(script, with_implied((*script.without, *without)))
