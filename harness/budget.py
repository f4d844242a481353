"""A time budget over the laws: which come first, how long each is searched, and what later runs have to know."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .files import FileError, put

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_BACKENDS = 30


def seconds(text: str, option: str) -> float:
    """The time that a user wrote: ``90``, ``90s``, ``10m``, ``1.5h``.

    Raises:
        ValueError: it is no time, or less than nothing.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if found is None:
        raise ValueError(f"{option} is a time such as 90, 90s, 10m or 1.5h, not {text!r}")
    return float(found[1]) * _UNITS[found[2]]


@dataclass
class Budget:
    """The time of one run and how it is spent.

    Each law gets at least one search of the usual size. Where more than its share is left after it, it is searched
    again from another seed, until the share is spent. When all time is spent, the laws that are left are not tried.

    Args:
        end: when it is spent, in seconds since the epoch: the workers of a run share it.
        workers: how many processes spend it.
        order: ids of the laws, in the order in which they come.
    """

    end: float
    workers: int = 1
    order: Sequence[str] = field(default_factory=list)

    @property
    def spent(self) -> bool:
        """Whether there is no time left."""
        return time.time() >= self.end

    def until(self, law: str) -> float:
        """Until when a law may be searched."""
        now = time.time()
        left = len(self.order) - self.order.index(law) if law in self.order else 1
        return now + max(0.0, self.end - now) * min(1.0, self.workers / left)


def longest_unproved_first(laws: Iterable[str], proved: Mapping[str, float]) -> list[str]:
    """Laws in the order in which a budget is spent on them: never proved, then by when they were proved last."""
    return sorted(laws, key=lambda law: proved.get(law, 0.0))


def proved(folder: Path | None, backend: str) -> dict[str, float]:
    """When each law was last searched on a backend without a new failure, in seconds since the epoch."""
    found = _read(folder).get(backend, {})
    return {law: float(when) for law, when in found.items() if isinstance(when, int | float)}


def prove(folder: Path | None, backend: str, laws: Iterable[str]) -> None:
    """Notes that laws have been searched just now. It is no harm if that cannot be written."""
    laws = list(laws)
    if folder is None or not laws:
        return
    known = _read(folder)
    known[backend] = known.pop(backend, {}) | dict.fromkeys(laws, round(time.time(), 1))
    newest = dict(list(known.items())[-_BACKENDS:])
    with contextlib.suppress(FileError):
        put(folder / "proved.json", json.dumps(newest) + "\n")


def _read(folder: Path | None) -> dict[str, dict[str, float]]:
    if folder is None:
        return {}
    try:
        known = json.loads((folder / "proved.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in known.items() if isinstance(v, dict)} if isinstance(known, dict) else {}
