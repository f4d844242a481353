"""Reach: which examples of a law execute the lines that lead into a fault.

An example that executes none of them on the sound reference does on the mutant what it does on the reference, and the
law holds there. So it is not tried. Each law gets a copy of the reference of its own: what one remembers, and does
without executing a line once more, it has from that law's earlier examples.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import hypothesis
from hypothesis.errors import HypothesisException

from .. import lookup
from ..binding import Binding
from ..search import Search, evenly, inner_test, try_once
from ..watch import current_watch
from .hunts import faults, settings
from .places import folder, place

LOOKED = 24
"""How many examples of each law are looked at."""


def examples(binding: Binding, count: int = LOOKED) -> list[dict[str, Any]]:
    """The first examples of a law, the same in every run: half of them, at most, those that are tried before any is
    drawn, evenly spread.

    Args:
        binding: the law and the strategies of its inputs.
        count: how many; there are fewer if the law has no more.
    """
    found = evenly(binding.tried_first(count // 2), count // 2)
    drawn: list[Any] = []
    test = hypothesis.given(binding.inputs)(inner_test(binding.law, drawn.append))
    with warnings.catch_warnings(), contextlib.suppress(HypothesisException):  # a strategy with few values, say
        warnings.simplefilter("ignore")
        settings(count - len(found), derandomize=True)(test)()
    return found + drawn


class Lines:
    """The lines of the reference that are executed while `watching`, in threads that begin meanwhile too."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._folder = str(folder())
        self._ours: dict[CodeType, bool] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[set[tuple[str, int]]]:
        """Gives a set, which fills with file and line."""
        self.seen = set()
        before, before_threads = sys.gettrace(), threading.gettrace()
        threading.settrace(self._call)
        sys.settrace(self._call)
        try:
            yield self.seen
        finally:
            sys.settrace(before)
            threading.settrace(before_threads)

    def _call(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            ours = self._ours[code] = code.co_filename.startswith(self._folder)
        return self._line if ours else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


@dataclass
class Reach:
    """Which examples of a law reach which mutants.

    Args:
        law: id of the law.
        unsupported: what the reference lacks for the law; empty if it lacks nothing.
        looked: how many examples were looked at.
        reached: for each mutant that is reached, the numbers of the examples that do, from 0.
        seconds: how long an example takes, on average, while it is watched.
    """

    law: str
    unsupported: str = ""
    looked: int = 0
    reached: dict[str, list[int]] = field(default_factory=dict)
    seconds: float = 0.0


def reach(binding: Binding) -> Reach:
    """Looks which examples of a law reach which mutants, on the sound reference."""
    law = binding.law
    found = Reach(law.id, lookup.load("reference").missing(law.uses) or "")
    if found.unsupported:
        return found
    lines, unsupported, wanted = Lines(), Search(), places()
    chosen, start = examples(binding), time.perf_counter()
    with importlib.import_module(f"{lookup.GROUP}.mutants").fresh() as backend:
        for number, inputs in enumerate(chosen):
            # One that fails is counted too: that the laws hold on the reference is for other tests to say.
            with lines.watching() as seen, contextlib.suppress(Exception), current_watch().judging(law):
                try_once(law, backend, inputs, unsupported)
            for name, needed in wanted.items():
                if needed is None or not needed.isdisjoint(seen):
                    found.reached.setdefault(name, []).append(number)
    found.looked = len(chosen)
    if unsupported.unsupported == len(chosen):
        return Reach(law.id, unsupported.missing or unsupported.reason)
    found.seconds = round((time.perf_counter() - start) / max(len(chosen), 1), 4)
    return found


def places() -> Mapping[str, frozenset[tuple[str, int]] | None]:
    """The lines that lead into each fault, as they are seen."""
    root, found = folder(), {}
    for name, fault in faults().items():
        lines = place(fault)
        path = root / fault.module.replace(".", "/")
        file = str(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))
        found[name] = None if lines is None else frozenset((file, line) for line in lines)
    return found
