"""What a worker of the kill matrix does: one task after the other, each answered by a JSON value."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from nnxspec.spec import Backend

from ..verdicts import load_all_bindings
from .hunts import faults, hunt, load, try_on
from .reach import examples, reach

Task = dict[str, Any]
"""One of ``{"reach": law}``, ``{"mutant": name, "law": law, "seed": seed}`` (a search within the mutant's budget), and
``{"mutant": name, "law": law, "example": number}`` (one of the examples that were looked at for reach)."""


def answer(task: Task) -> dict[str, Any]:
    """Does a task.

    Raises:
        BackendError: the mutant no longer fits the reference.
    """
    bindings = load_all_bindings()
    if "reach" in task:
        return dataclasses.asdict(reach(bindings[task["reach"]]))
    fault, binding, mutant = faults()[task["mutant"]], bindings[task["law"]], _loaded(task["mutant"])
    if "example" in task:
        found = try_on(fault, mutant, binding.law, [_examples(task["law"])[task["example"]]])
    else:
        found = hunt(fault, mutant, binding, task["seed"])
    return dataclasses.asdict(found)


@functools.lru_cache(maxsize=2)
def _loaded(name: str) -> Backend:
    return load(name)


@functools.cache
def _examples(law: str) -> list[dict[str, Any]]:
    return examples(load_all_bindings()[law])
