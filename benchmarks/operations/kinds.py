"""What an operation is: how it is done by a backend, how by raw jax on the flat leaves, and for which subjects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..subjects import Leaves, Subject
from ..timing import Timed

Live = Callable[[Subject], Timed]
Floor = Callable[[Leaves], Timed]


@dataclass(frozen=True)
class Operation:
    """Something whose cost is measured.

    Args:
        name: how users name it.
        group: the kind of operation, for tables: ``graph``, ``streams``, ``transform``, ``jit`` or ``stage``.
        what: what is timed.
        floor_what: what its floor is.
        live: prepares it for a subject of a backend.
        floor: prepares the floor for the same leaves.
        uses: the public names and capabilities it needs.
        shapes: the shapes on which it is measured; empty for all.
        most: the greatest size on which it is measured.
        why: why it is not measured on greater ones.
        sizes: the only sizes that it has; empty where the user chooses.
        stage: the stage of compilation that is timed; empty for the call itself.
    """

    name: str
    group: str
    what: str
    floor_what: str
    live: Live
    floor: Floor
    uses: tuple[str, ...]
    shapes: tuple[str, ...] = ()
    most: int = 50_000
    why: str = ""
    sizes: tuple[int, ...] = ()
    stage: str = ""

    def barred(self, shape: str, size: int) -> str | None:
        """Why it is not measured on such a subject; None if it is."""
        if self.shapes and shape not in self.shapes:
            return f"measured on {' and '.join(self.shapes)} only"
        if size > self.most:
            return f"measured up to {self.most:,} Variables{self.why and ': '}{self.why}"
        return None


def expect(condition: bool, wrong: str) -> None:
    """Part of a check.

    Raises:
        AssertionError: the condition is not met; the message is `wrong`.
    """
    if not condition:
        raise AssertionError(wrong)


def nothing(result: Any) -> None:
    """The check of a floor that cannot be wrong."""
