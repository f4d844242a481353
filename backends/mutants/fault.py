"""What a fault is."""

from __future__ import annotations

from dataclasses import dataclass

OURS = "ours"
"""The source of a fault that we thought of ourselves."""

BUDGET = 100
"""Within how many examples a law has to catch a fault that says nothing else."""


@dataclass(frozen=True)
class Fault:
    """One fault of the reference: a text that occurs once in one of its modules, and what stands there instead.

    Args:
        name: short name.
        wrong: what is wrong, in one line.
        module: module of the reference, without the package.
        old: text that occurs exactly once in the module.
        new: what stands there instead.
        laws: ids of laws that must catch it.
        source: where the idea comes from: an issue, a pull request or a commit of a library that had a fault like it
            (``google/flax#4858``), or `OURS`.
        budget: within how many examples each of the laws has to catch it.
    """

    name: str
    wrong: str
    module: str
    old: str
    new: str
    laws: tuple[str, ...]
    source: str = OURS
    budget: int = BUDGET
