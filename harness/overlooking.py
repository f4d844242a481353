"""Passing over what is known of a law while it is searched, or tried on an example, for something else.

What is passed over is a list of rows, those of a deviation's `excludes` that speak of claims and exceptions:

- ``{claim = "the histogram"}``: violations of the law's claim of that name;
- ``{raises = "TypeError"}``: exceptions of that class of which no claim speaks.

A text in them may hold ``*``, which stands for any text. `difference` beside `claim`, and `message` beside `raises`,
say which ones: those whose first difference, or whose text, is such. ``input`` with conditions (`CONDITIONS`) says in
which examples: those where the input meets them all. Of the inputs only plain data is seen there: text, numbers, None,
and tuples of these; scripts, arrays and filters are not.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from nnxspec.spec import Backend, Law, LawViolated
from nnxspec.spec.checking import judge
from nnxspec.spec.claims import Claim, Eq

CONDITIONS = ("value", "contains", "longer", "none")
"""How a row says what an input is like: it is this value; has this in it; has more elements; has None in it, or not."""


def speaks_of_claims(row: Any) -> bool:
    """Whether an element of a deviation's `excludes` says what to pass over, and not what to leave out of examples."""
    return isinstance(row, Mapping) and ("claim" in row or "raises" in row)


def meets(value: Any, row: Mapping[str, Any]) -> bool:
    """Whether an input, in JSON form, meets the conditions of a row."""
    return (
        ("value" not in row or _same(value, row["value"]))
        and ("contains" not in row or any(_matches(part, row["contains"]) for part in _parts(value)))
        and ("longer" not in row or (isinstance(value, list) and len(value) > row["longer"]))
        and ("none" not in row or row["none"] == any(part is None for part in _parts(value)))
    )


def _parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _parts(item)


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(key in value and _same(value[key], item) for key, item in wanted.items())
    return _same(value, wanted)


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: ``1`` is not ``true``."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _plain(value: Any) -> Any:
    """What is plain in an input, in JSON form; the rest of it is an empty object."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else {}


def _glob(text: str) -> str:
    return ".*".join(map(re.escape, text.split("*")))


@dataclasses.dataclass(frozen=True)
class PassedOver:
    """What is passed over in one example, as regular expressions.

    Args:
        claims: of a claim's name, a line end, and the first difference.
        raised: of an exception's class, a colon and a space, and its text.
    """

    claims: str
    raised: str

    def violation(self, about: str, difference: str) -> bool:
        """Whether the violation of a claim is passed over."""
        return bool(self.claims) and re.fullmatch(self.claims, f"{about}\n{difference}", re.DOTALL) is not None

    def error(self, error: Exception) -> bool:
        """Whether an exception is passed over."""
        return bool(self.raised) and re.fullmatch(self.raised, told(error), re.DOTALL) is not None


def told(error: Exception) -> str:
    """An exception as `PassedOver.raised` describes it."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # of an exception whose own text fails
        return f"{type(error).__name__}: "


def passed_over(rows: Iterable[Any], inputs: Mapping[str, Any]) -> PassedOver:
    """What rows say for an example.

    Args:
        rows: elements of `excludes`; those that say something else are left out.
        inputs: the inputs of the example by name, drawn or live.
    """
    holding = [
        row
        for row in rows
        if speaks_of_claims(row) and ("input" not in row or meets(_plain(inputs.get(row["input"])), row))
    ]
    claims = {_glob(row["claim"]) + r"\n" + _glob(row.get("difference", "*")) for row in holding if "claim" in row}
    raised = {re.escape(row["raises"]) + ": " + _glob(row.get("message", "*")) for row in holding if "raises" in row}
    return PassedOver("|".join(sorted(claims)), "|".join(sorted(raised)))


def overlooking(law: Law, excludes: Iterable[Any]) -> Law:
    """The law, whose violations of the excluded claims, and the excluded exceptions, are passed over."""
    rows = [row for row in excludes if speaks_of_claims(row)]
    if not rows:
        return law

    def check(nnx: Backend, **inputs: Any) -> Iterator[Claim]:
        known = passed_over(rows, inputs)
        yield Eq(0, 0)  # what is left may be nothing, and a law has to claim something
        try:
            for claim in law(nnx, **inputs):
                # Every claim is judged, since an action has its effects, whatever is thought of them.
                violation = judge(nnx, claim)
                if violation is not None and not known.violation(violation.about, violation.difference):
                    raise LawViolated(law, violation)
        except LawViolated:
            raise
        except Exception as error:
            if not known.error(error):
                raise

    check.__doc__ = law.check.__doc__
    named: Callable[..., Any] = check
    return dataclasses.replace(law, check=named)
