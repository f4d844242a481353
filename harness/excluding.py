"""Excluding the shape of a known violation from the search of its law, so that a second one is not hidden.

What to exclude is a list in which each element is one of these:

- the name of a limit (`nnxspec.spec.script.LIMITS`): every drawn script and program does without it;
- ``{input = "kind", value = "sum"}``: the input is not this value (in JSON form);
- ``{input = "layers", contains = "scan"}``: nothing in the JSON form of the input is this value; an object is found if
  it has these keys with these values, so ``contains = {name = "alias"}`` finds a step;
- ``{claim = "the histogram"}``: violations of the law's claim of that name are passed over; ``*`` stands for any text;
- ``{raises = "TypeError"}``: so are exceptions of that class of which no claim speaks.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nnxspec.spec import Backend, Law, Program, Script, encode
from nnxspec.spec.checking import judge
from nnxspec.spec.claims import Claim, Eq
from nnxspec.spec.script import LIMITS

if TYPE_CHECKING:
    from .binding import Binding

_FORMS = ({"input", "value"}, {"input", "contains"}, {"claim"}, {"raises"})


def validated(excludes: Any) -> tuple[Any, ...]:
    """What a file of deviations says is to be excluded, as a tuple.

    Raises:
        ValueError: it is not in one of the forms, or names an unknown limit.
    """
    if not isinstance(excludes, list):
        raise ValueError("excludes is no list")
    for one in excludes:
        if isinstance(one, str):
            if one not in LIMITS:
                raise ValueError(f"excludes names the unknown limit {one!r}; known: {', '.join(LIMITS)}")
        elif not isinstance(one, dict) or set(one) not in _FORMS:
            raise ValueError(
                f"excludes has {one!r:.80}: give a limit, or a table of input and value or contains, "
                "of claim, or of raises"
            )
        elif not all(isinstance(one[key], str) for key in one if key not in ("value", "contains")):
            raise ValueError(f"excludes has {one!r:.80}, whose names are not text")
    return tuple(excludes)


def narrowed(binding: Binding, excludes: Iterable[Any]) -> Binding:
    """A binding of the same law to inputs without what is excluded.

    Raises:
        ValueError: an input is named that the law does not have.
    """
    excludes = list(excludes)
    limits = tuple(dict.fromkeys(one for one in excludes if isinstance(one, str)))
    tables = [one for one in excludes if not isinstance(one, str)]
    by_input: dict[str, list[Mapping[str, Any]]] = {}
    for one in tables:
        if "input" in one:
            by_input.setdefault(one["input"], []).append(one)
    for name in by_input:
        if name not in binding.strategies:
            raise ValueError(f"{binding.law.id} has no input {name!r} to exclude")

    def limited(value: Any) -> Any:
        return _limited(value, limits)

    def allowed(name: str) -> Callable[[Any], bool]:
        return lambda value: not any(_excluded(encode(value), one) for one in by_input[name])

    strategies = {name: each.map(limited) if limits else each for name, each in binding.strategies.items()}
    for name in by_input:
        strategies[name] = strategies[name].filter(allowed(name))

    def tried_first() -> list[dict[str, Any]]:
        first = [{name: limited(value) for name, value in inputs.items()} for inputs in binding.tried_first()]
        return [inputs for inputs in first if all(allowed(name)(inputs[name]) for name in by_input)]

    law = overlooking(binding.law, excludes)
    return dataclasses.replace(binding, law=law, strategies=strategies, tried_first=tried_first)


def _limited(value: Any, limits: tuple[str, ...]) -> Any:
    """The input with the limits added to every script and program in it."""
    if isinstance(value, Script):
        graph = (limit for limit in limits if not limit.startswith("body-"))
        return dataclasses.replace(value, without=tuple(dict.fromkeys((*value.without, *graph))))
    if isinstance(value, Program):
        body = (limit for limit in limits if limit.startswith("body-"))
        without = tuple(dict.fromkeys((*value.without, *body)))
        return dataclasses.replace(value, build=_limited(value.build, limits), without=without)
    if isinstance(value, tuple):
        return tuple(_limited(item, limits) for item in value)
    return value


def _excluded(value: Any, one: Mapping[str, Any]) -> bool:
    if "value" in one:
        return _same(value, one["value"])
    return any(_matches(part, one["contains"]) for part in _parts(value))


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


def overlooking(law: Law, excludes: Iterable[Any]) -> Law:
    """The law, whose violations of the excluded claims, and the excluded exceptions, are passed over."""
    tables = [one for one in excludes if not isinstance(one, str)]
    claims = {one["claim"] for one in tables if "claim" in one}
    raised = {one["raises"] for one in tables if "raises" in one}
    if not claims and not raised:
        return law
    texts = (".*".join(map(re.escape, text.split("*"))) for text in sorted(claims))
    overlooked = re.compile("|".join(texts) or r"(?!)", re.DOTALL)

    def check(nnx: Backend, **inputs: Any) -> Iterator[Claim]:
        yield Eq(0, 0)  # what is left may be nothing, and a law has to claim something
        try:
            for claim in law(nnx, **inputs):
                if not overlooked.fullmatch(claim.about):
                    yield claim
                else:
                    judge(nnx, claim)  # an action has its effects, whatever is thought of them
        except Exception as error:
            if type(error).__name__ not in raised:
                raise

    check.__doc__ = law.check.__doc__
    return dataclasses.replace(law, check=check)
