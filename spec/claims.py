"""What a law states: two sides are equal, or an action is refused and changes nothing.

A law asserts nothing itself. It returns or yields claims; `nnxspec.spec.checking` observes, compares and explains them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .backend import Unsupported

Category = type[BaseException] | str
"""An exception class, or the name of one that the backend declares (``"TraceContextError"``)."""


@dataclass(frozen=True)
class Eq:
    """Left (what came) and right (what is expected) are observed to be equal.

    Args:
        left: what the backend gave.
        right: the oracle: what has to come.
        about: a few words that tell this claim from its neighbours in the same law.
    """

    left: Any
    right: Any
    about: str = ""


@dataclass(frozen=True)
class Refused:
    """`action()` raises an exception of one of the categories and leaves every target as it was.

    Args:
        category: exception class, name of a backend's own class, or a tuple of these.
        action: called without arguments.
        unchanged: targets observed before and after the action.
        about: a few words that tell this claim from its neighbours.
    """

    category: Category | tuple[Category, ...]
    action: Callable[[], Any]
    unchanged: tuple[Any, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class EqOrRefused:
    """Either `outcome` is a value observed to equal `right`, or an exception of one of the categories.

    Args:
        outcome: what `attempt` gave.
        right: what has to come if anything comes.
        category: what may be raised instead.
        unchanged: pairs (before, after) that must be equal if the action was refused.
        about: a few words that tell this claim from its neighbours.
    """

    outcome: Outcome
    right: Any
    category: Category | tuple[Category, ...]
    unchanged: tuple[tuple[Any, Any], ...] = ()
    about: str = ""


Claim = Eq | Refused | EqOrRefused
Claims = Iterable[Claim]
"""What a law that yields its claims is annotated to return; one that states a single claim returns `Claim`."""


@dataclass(frozen=True)
class Outcome:
    """What an action did: gave `value`, or raised `error`, an exception of the builtin class `category`."""

    value: Any = None
    error: BaseException | None = None
    category: type[BaseException] | None = None


def category_of(error: BaseException) -> type[BaseException]:
    """The nearest builtin class of an exception: libraries raise subclasses, and only the builtin one is normative."""
    found: type[BaseException] = next(
        cls for cls in type(error).__mro__ if getattr(builtins, cls.__name__, None) is cls
    )
    return found


def attempt(action: Callable[[], Any]) -> Outcome:
    """Runs `action` and gives what it did as a value: result or category of refusal.

    Raises:
        Unsupported: the action needs what the backend does not offer, which is no refusal.
    """
    try:
        return Outcome(value=action())
    except Unsupported:
        raise
    except Exception as error:
        return Outcome(error=error, category=category_of(error))
