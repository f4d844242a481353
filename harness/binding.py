"""Binding a law to strategies: one visible line in `properties/` makes one test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis.strategies import SearchStrategy, fixed_dictionaries

from nnxspec.spec import Law

from .session import current_session


def nothing(most: int) -> Sequence[dict[str, Any]]:
    """No examples are tried first."""
    return ()


@dataclass(frozen=True)
class Binding:
    """A law and the strategies for its inputs.

    Args:
        law: the law.
        strategies: one strategy of input data per input of the law.
        scale: factor on the profile's number of examples, for laws whose examples are costly (or cheap).
        tried_first: gives the examples that are tried before any is drawn, see `bind`.
    """

    law: Law
    strategies: dict[str, SearchStrategy[Any]] = field(default_factory=dict)
    scale: float = 1.0
    tried_first: Callable[[int], Sequence[dict[str, Any]]] = nothing

    @property
    def inputs(self) -> SearchStrategy[dict[str, Any]]:
        """All inputs of one example, as a dict by name."""
        return fixed_dictionaries(self.strategies)


BINDINGS: dict[str, Binding] = {}
"""Every binding made in this process, by law id."""


def bind(
    law: Law,
    *,
    scale: float = 1.0,
    tried_first: Callable[[int], Sequence[dict[str, Any]]] = nothing,
    **strategies: SearchStrategy[Any],
) -> Callable[[], None]:
    """A pytest test that searches for a counterexample to a law.

    Args:
        law: the law.
        scale: factor on the profile's number of examples.
        tried_first: gives examples that are tried before any is drawn, in this order. It gets how many will be taken
            at most; of more than these as many are taken, evenly spread.
        strategies: one strategy for each input of the law, by name.

    Raises:
        TypeError: the strategies do not fit the law's inputs.
    """
    if set(strategies) != set(law.inputs):
        raise TypeError(f"law {law.id} takes the inputs {law.inputs}, not {tuple(strategies)}")
    binding = BINDINGS[law.id] = Binding(law, {name: strategies[name] for name in law.inputs}, scale, tried_first)

    def test() -> None:
        from .judging import judged
        from .outcome import settle, unreached

        session = current_session()
        if session.budget is not None and session.budget.spent:
            unreached()
        record = session.records[law.id] = judged(binding, session)
        settle(record, law, session)

    test.__doc__ = law.statement
    test.binding = binding  # type: ignore[attr-defined]  # how the plugin finds law and strategies
    return test
