"""A law: one statement that every conforming implementation satisfies, with an executable check and a stable id."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .claims import Claim, Claims, Eq, EqOrRefused, Refused
from .terms import Term

MUST = "MUST"
"""Level of a law that the documentation of the object model promises."""
SHOULD = "SHOULD"
"""Level of a law that is not promised in words, but that user code depends on."""

_ID = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Law:
    """One law. Calling it with a backend and inputs gives an iterator over its claims.

    Args:
        id: stable name, ``group.name``.
        term: the glossary term it belongs to.
        level: `MUST` or `SHOULD`.
        check: the function that states the claims.
        needs: ids of prerequisite laws: if one of them fails too, a failure of this law is *blocked*.
        uses: public names (``"split"``, ``"Rngs.fork"``) and capabilities without which the verdict is *unsupported*.
        tags: ``"tree"`` (it binds in tree mode) or ``"extended"`` (it goes beyond the core).
        reason: a remark: why it says no more, or how it is told from its neighbours.
    """

    id: str
    term: Term
    level: str
    check: Callable[..., Claim | Claims]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reason: str = ""

    @property
    def statement(self) -> str:
        """The first paragraph of the docstring, on one line."""
        first = inspect.cleandoc(self.check.__doc__ or "").split("\n\n")[0]
        return " ".join(first.split())

    @property
    def rationale(self) -> str:
        """The rest of the docstring: why, sources, remarks; may be empty."""
        return "\n\n".join(inspect.cleandoc(self.check.__doc__ or "").split("\n\n")[1:])

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that a strategy has to provide, in order; the backend comes before them."""
        return tuple(inspect.signature(self.check).parameters)[1:]

    def __call__(self, nnx: Any, /, **inputs: Any) -> Iterator[Claim]:
        claims = self.check(nnx, **inputs)
        if isinstance(claims, Eq | Refused | EqOrRefused):
            yield claims
        else:
            yield from claims


def law(
    id: str,
    *,
    term: Term,
    level: str = MUST,
    needs: tuple[str, ...] = ("graph.build-observe",),
    uses: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    reason: str = "",
) -> Callable[[Callable[..., Claim | Claims]], Law]:
    """Makes a law of a function that takes a backend and inputs and returns or yields claims.

    Raises:
        ValueError: the id is malformed, the level unknown, or the docstring missing.
    """

    def decorate(check: Callable[..., Claim | Claims]) -> Law:
        if not _ID.fullmatch(id):
            raise ValueError(f"malformed law id {id!r}: use lower-case words, as in 'split.round-trip'")
        if level not in (MUST, SHOULD):
            raise ValueError(f"law {id}: unknown level {level!r}")
        if not check.__doc__:
            raise ValueError(f"law {id}: the docstring states the law and is missing")
        return Law(id, term, level, check, needs, uses, tags, reason)

    return decorate
