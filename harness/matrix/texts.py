"""Texts kept once: scripts repeat each other, so their parts are kept, and how each is put together."""

from __future__ import annotations

from collections.abc import Sequence

_SEAM = "\n\n\n"


class Texts:
    """A store of text in parts; every part is kept once."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._places: dict[str, int] = {}

    def add(self, value: str) -> list[int]:
        """Keeps a text; gives the numbers of its parts, which stand two blank lines apart."""
        return [self._place(part) for part in value.split(_SEAM)] if value else []

    def _place(self, part: str) -> int:
        if part not in self._places:
            self._places[part] = len(self.parts)
            self.parts.append(part)
        return self._places[part]


def whole(parts: Sequence[str], numbers: Sequence[int]) -> str:
    """The text that was kept under some numbers.

    Raises:
        IndexError: there is no such part.
    """
    return _SEAM.join(parts[number] for number in numbers)
