"""Judging claims: the one place where sides are observed, compared and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

from .backend import Unsupported
from .claims import Claim, Eq, EqOrRefused, Outcome, Refused, attempt
from .law import Law
from .observation import Observation, first_difference, observe, render
from .script import realize


@dataclass(frozen=True)
class Violation:
    """How a claim failed.

    Args:
        about: which claim of the law, if it has several.
        claim: what was claimed, in words.
        difference: the first difference, in words.
        expected: the right side as text.
        came: the left side as text.
    """

    about: str
    claim: str
    difference: str
    expected: str
    came: str

    def __str__(self) -> str:
        lead = f"{self.claim} ({self.about})" if self.about else self.claim
        return f"{lead}\n{self.difference}"


class LawViolated(AssertionError):
    """A claim of a law does not hold.

    Args:
        law: the law.
        violation: how it failed.
    """

    def __init__(self, law: Law, violation: Violation) -> None:
        super().__init__(f"{law.id}: {violation}")
        self.law = law
        self.violation = violation


def _category_text(category: Any) -> str:
    if isinstance(category, tuple):
        return " or ".join(_category_text(one) for one in category)
    return category if isinstance(category, str) else category.__name__


def _not_frozen(nnx: Any) -> None:
    """Nodes that nobody said could be changed say by Python's own exception that a law changes one.

    Raises:
        Unsupported: the backend does not claim that attributes of nodes can be set.
    """
    if not nnx.offers("structural-mutation"):
        raise Unsupported("structural-mutation") from None


def compare(nnx: Any, left: Observation, right: Observation, about: str, claim: str) -> Violation | None:
    """A violation if two observations differ, else None."""
    difference = first_difference(left, right)
    if difference is None:
        return None
    return Violation(about, claim, str(difference), render(right), render(left))


def judge(nnx: Any, claim: Claim) -> Violation | None:
    """Judges one claim, at once: what is observed here is not blurred by what the law does later."""
    sharing = nnx.offers("sharing")

    def seen(value: Any) -> Observation:
        return value if isinstance(value, Observation) else observe(nnx, value, sharing=sharing)

    if isinstance(claim, Eq):
        return compare(nnx, seen(claim.left), seen(claim.right), claim.about, "left equals right")
    if isinstance(claim, EqOrRefused):
        return _judge_outcome(nnx, claim, seen)
    before = [seen(target) for target in claim.unchanged]
    outcome = attempt(claim.action)
    words = f"the action is refused with {_category_text(claim.category)}"
    found = _refusal(nnx, outcome, claim, words)
    if found is not None:
        return found
    for old, target in zip(before, claim.unchanged, strict=True):
        changed = compare(nnx, seen(target), old, claim.about, words + " and changes nothing")
        if changed is not None:
            return changed
    return None


def _refusal(nnx: Any, outcome: Outcome, claim: Refused | EqOrRefused, words: str) -> Violation | None:
    wanted = _category_text(claim.category)
    if outcome.error is None:
        came = f"returned {type(outcome.value).__name__}"
        return Violation(claim.about, words, f"{wanted} expected, nothing was raised", wanted, came)
    if isinstance(outcome.error, FrozenInstanceError):
        _not_frozen(nnx)
    if not isinstance(outcome.error, nnx.error_classes(claim.category)):
        came = f"{type(outcome.error).__name__}: {outcome.error}".split("\n")[0][:300]
        return Violation(claim.about, words, f"{wanted} expected, {came} came", wanted, came)
    return None


def _judge_outcome(nnx: Any, claim: EqOrRefused, seen: Any) -> Violation | None:
    words = f"the result is as expected, or refused with {_category_text(claim.category)}"
    if claim.outcome.error is None:
        return compare(nnx, seen(claim.outcome.value), seen(claim.right), claim.about, words)
    found = _refusal(nnx, claim.outcome, claim, words)
    if found is not None:
        return found
    for before, after in claim.unchanged:
        changed = compare(nnx, seen(after), seen(before), claim.about, words + ", and then nothing changes")
        if changed is not None:
            return changed
    return None


def check(law: Law, nnx: Any, inputs: Mapping[str, Any]) -> None:
    """Checks a law on one example.

    Args:
        law: the law.
        nnx: the backend.
        inputs: input data by name, as strategies draw it (scripts, literals, plain values).

    Raises:
        LawViolated: a claim does not hold.
        Unsupported: the backend lacks a name that the law uses.
        Exception: whatever the backend raises where the law does not expect it.
    """
    stated = 0
    try:
        with nnx.around():
            live = {name: realize(nnx, value) for name, value in inputs.items()}
            for claim in law(nnx, **live):
                stated += 1
                violation = judge(nnx, claim)
                if violation is not None:
                    raise LawViolated(law, violation)
    except FrozenInstanceError:
        _not_frozen(nnx)
        raise
    if not stated:
        raise RuntimeError(f"law {law.id} made no claim on this input: a law that claims nothing cannot fail")
